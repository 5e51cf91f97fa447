#include "channels/http_client/http_client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "channels/adapter/answer_text.h"
#include "channels/http_client/private_address.h"

namespace rekindle {
namespace {

using std::chrono::seconds;

// Below the idle time after which common servers close a connection (5 s), so
// that a request is rarely handed to one that is about to die.
constexpr long kMaxIdleSeconds = 3;
constexpr seconds kMaxRetryAfter = std::chrono::hours(24);

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

// A list as libcurl wants it, of headers that stay where they are.
std::vector<curl_slist> LinkHeaders(std::vector<std::string>& headers) {
  static char no_expect[] = "Expect:";  // no round trip for a 100 Continue
  std::vector<curl_slist> list(headers.size() + 1);
  for (size_t i = 0; i < headers.size(); ++i) {
    list[i] = {headers[i].data(), &list[i + 1]};
  }
  list.back() = {no_expect, nullptr};
  return list;
}

bool IsTlsFailure(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return true;
    default:
      return false;
  }
}

// One request and its answer on the way. A handle is set up once and serves
// request after request.
struct Exchange {
  explicit Exchange(const HttpOptions& options);

  void Prepare(const ClaimedTouch& touch, HttpRequest request);
  HttpAnswer Finish(CURLcode code);

  static size_t OnBody(char* data, size_t, size_t size, void* self);
  static int OnRequest(void* self, char*, char*, int, int);
  static curl_socket_t OnSocket(void* self, curlsocktype,
                                curl_sockaddr* address);

  const HttpOptions& options;
  std::unique_ptr<CURL, FreeEasy> easy;
  const ClaimedTouch* touch = nullptr;
  HttpRequest request;
  std::vector<curl_slist> headers;  // of the request, as libcurl reads them
  HttpAnswer answer;
  char error[CURL_ERROR_SIZE] = {};
  bool left = false;  // the request's first byte was about to go out
  bool refused = false;
};

size_t Exchange::OnBody(char* data, size_t, size_t size, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  std::string& body = exchange->answer.body;
  const size_t room = exchange->options.max_answer_bytes - body.size();
  body.append(data, std::min(room, size));
  return size <= room ? size : 0;  // 0 ends the exchange: the status is known
}

// Called before each time libcurl sends the request. A second time would be a
// repetition after a kept-alive connection died.
int Exchange::OnRequest(void* self, char*, char*, int, int) {
  auto* exchange = static_cast<Exchange*>(self);
  return std::exchange(exchange->left, true) ? CURL_PREREQFUNC_ABORT
                                             : CURL_PREREQFUNC_OK;
}

curl_socket_t Exchange::OnSocket(void* self, curlsocktype,
                                 curl_sockaddr* address) {
  auto* exchange = static_cast<Exchange*>(self);
  if (exchange->options.refuse_private_addresses &&
      IsPrivateAddress(&address->addr)) {
    exchange->refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

Exchange::Exchange(const HttpOptions& o) : options(o), easy(curl_easy_init()) {
  if (easy == nullptr) throw std::runtime_error("libcurl gave no handle");
  CURL* c = easy.get();
  curl_easy_setopt(c, CURLOPT_PRIVATE, this);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  const auto timeout = static_cast<long>(options.timeout.count());
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(c, CURLOPT_CAINFO, options.ca_file.c_str());
    // In place of the system's, not beside them.
    curl_easy_setopt(c, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, &Exchange::OnRequest);
  curl_easy_setopt(c, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, &Exchange::OnSocket);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, this);
}

void Exchange::Prepare(const ClaimedTouch& t, HttpRequest r) {
  touch = &t;
  const bool other_url = r.url != request.url;
  const bool other_method = headers.empty() || r.method != request.method;
  request = std::move(r);
  headers = LinkHeaders(request.headers);
  answer = HttpAnswer();
  error[0] = '\0';
  left = refused = false;

  CURL* c = easy.get();
  if (other_url) {
    curl_easy_setopt(c, CURLOPT_URL, request.url.c_str());
    // Over TLS the first connection soon tells whether it takes many requests
    // at once; without TLS only the first answer would, so nothing waits.
    const bool tls = request.url.starts_with("https:");
    curl_easy_setopt(c, CURLOPT_PIPEWAIT, tls ? 1L : 0L);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                     tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  }
  if (other_method && request.method == "GET") {
    curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, nullptr);
  } else if (other_method) {
    curl_easy_setopt(c, CURLOPT_POST, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.data());
  if (request.method == "GET") return;
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.c_str());
}

std::map<std::string, std::string> HeadersOf(
    CURL* easy, const std::vector<std::string>& names) {
  std::map<std::string, std::string> found;
  for (const std::string& name : names) {
    curl_header* header = nullptr;
    if (curl_easy_header(easy, name.c_str(), 0, CURLH_HEADER, -1, &header) ==
        CURLHE_OK) {
      found[name] = header->value;
    }
  }
  return found;
}

HttpAnswer Exchange::Finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200) {
    // The status line is the answer, whatever became of the body.
    answer.end = HttpEnd::kAnswered;
    answer.status = static_cast<int>(status);
    answer.whole = code == CURLE_OK;
    curl_off_t wait = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &wait);
    if (wait > 0) answer.retry_after = std::min(seconds(wait), kMaxRetryAfter);
    answer.headers = HeadersOf(easy.get(), options.keep_headers);
    return std::move(answer);
  }
  answer.error = error[0] != '\0' ? error : curl_easy_strerror(code);
  if (left) {
    answer.end = HttpEnd::kNoAnswer;
  } else if (refused) {
    answer.end = HttpEnd::kRefused;
  } else if (IsTlsFailure(code)) {
    answer.end = HttpEnd::kUntrusted;
  } else {
    answer.end = HttpEnd::kUnreachable;
  }
  return std::move(answer);
}

}  // namespace

struct HttpClient::Impl {
  explicit Impl(HttpOptions o)
      : options(std::move(o)), multi(curl_multi_init()) {
    if (multi == nullptr) throw std::runtime_error("libcurl gave no handle");
    const auto most = static_cast<long>(options.concurrency);
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, most);
    curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
    curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  }

  Exchange* TakeIdle();
  bool HasRoom() const {
    return running.size() < static_cast<size_t>(options.concurrency);
  }

  const HttpOptions options;
  std::vector<std::unique_ptr<Exchange>> exchanges;  // at most `concurrency`
  std::vector<Exchange*> idle;
  std::vector<Exchange*> running;
  std::unique_ptr<CURLM, FreeMulti> multi;  // goes before its easy handles
};

Exchange* HttpClient::Impl::TakeIdle() {
  if (idle.empty()) {
    exchanges.push_back(std::make_unique<Exchange>(options));
    return exchanges.back().get();
  }
  Exchange* exchange = idle.back();
  idle.pop_back();
  return exchange;
}

namespace {

// The next exchange that ended and how; nothing where none has.
std::optional<std::pair<Exchange*, CURLcode>> NextEnded(CURLM* multi) {
  int more = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &more)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    void* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    return std::pair(static_cast<Exchange*>(exchange), code);
  }
  return std::nullopt;
}

}  // namespace

// One call of HttpClient::Run.
class HttpRun {
 public:
  using Make = std::function<HttpRequest(const ClaimedTouch&)>;
  using Judge = std::function<Outcome(const ClaimedTouch&, const HttpAnswer&)>;

  HttpRun(HttpClient::Impl& client, Outbox& outbox, const Make& make,
          const Judge& judge)
      : client_(client), outbox_(outbox), make_(make), judge_(judge) {}
  // Also where something was thrown: libcurl must not know the exchanges any
  // more when their touches are gone.
  ~HttpRun() {
    for (Exchange* exchange : client_.running) Detach(exchange);
    client_.running.clear();
  }

  void Work() {
    while (true) {
      Start();
      if (client_.running.empty() && outbox_.ended()) return;
      int active = 0;
      curl_multi_perform(client_.multi.get(), &active);
      if (!Reap()) Wait();
      if (outbox_.cancelled()) CancelAll();
    }
  }

 private:
  void Start();
  void StartOne(const ClaimedTouch& touch);
  bool Reap();  // true where one ended
  void Wait();
  void CancelAll();
  void Conclude(Exchange* exchange, CURLcode code);
  void Detach(Exchange* exchange) {
    curl_multi_remove_handle(client_.multi.get(), exchange->easy.get());
    client_.idle.push_back(exchange);
  }

  HttpClient::Impl& client_;
  Outbox& outbox_;
  const Make& make_;
  const Judge& judge_;
};

void HttpRun::Start() {
  while (client_.HasRoom()) {
    const ClaimedTouch* touch = outbox_.Next();
    if (touch == nullptr) return;
    StartOne(*touch);
  }
}

void HttpRun::StartOne(const ClaimedTouch& touch) {
  Exchange* exchange = client_.TakeIdle();
  try {
    exchange->Prepare(touch, make_(touch));
  } catch (const std::exception& e) {
    client_.idle.push_back(exchange);
    outbox_.Report(touch, {OutcomeClass::kBadMessage,
                           std::string("cannot be put into a request: ") +
                               AnswerText(e.what(), {touch.address})});
    return;
  }
  client_.running.push_back(exchange);
  if (curl_multi_add_handle(client_.multi.get(), exchange->easy.get()) !=
      CURLM_OK) {
    Conclude(exchange, CURLE_FAILED_INIT);
  }
}

bool HttpRun::Reap() {
  bool any = false;
  while (const auto end = NextEnded(client_.multi.get())) {
    Conclude(end->first, end->second);
    any = true;
  }
  return any;
}

void HttpRun::Conclude(Exchange* exchange, CURLcode code) {
  const HttpAnswer answer = exchange->Finish(code);
  std::erase(client_.running, exchange);
  Detach(exchange);
  outbox_.Report(*exchange->touch, judge_(*exchange->touch, answer));
}

void HttpRun::Wait() {
  // With no room for another, news of the outbox can wait.
  curl_waitfd news = {outbox_.ready_fd(), CURL_WAIT_POLLIN, 0};
  const bool room = client_.HasRoom();
  const auto patience = room ? outbox_.patience() : std::chrono::seconds(1);
  curl_multi_poll(client_.multi.get(), &news, room ? 1 : 0,
                  static_cast<int>(patience.count()), nullptr);
}

void HttpRun::CancelAll() {
  while (!client_.running.empty()) {
    Exchange* exchange = client_.running.back();
    std::snprintf(exchange->error, sizeof exchange->error,
                  "given up while the daemon stops");
    Conclude(exchange, CURLE_ABORTED_BY_CALLBACK);
  }
}

HttpClient::HttpClient(HttpOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpClient::~HttpClient() = default;

void HttpClient::Run(
    Outbox& outbox, const std::function<HttpRequest(const ClaimedTouch&)>& make,
    const std::function<Outcome(const ClaimedTouch&, const HttpAnswer&)>&
        judge) {
  HttpRun(*impl_, outbox, make, judge).Work();
}

}  // namespace rekindle

#include "channels/http/http_client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "channels/http/private_address.h"

namespace rekindle {
namespace {

using std::chrono::seconds;

// Below the idle time after which common servers close a connection (5 s), so
// that a request is rarely handed to one that is about to die.
constexpr long kMaxIdleSeconds = 3;
constexpr seconds kMaxRetryAfter = std::chrono::hours(24);

struct FreeSlist {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, FreeSlist>;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

Slist MakeHeaders(const std::vector<std::string>& headers) {
  Slist list;
  const auto append = [&list](const char* header) {
    curl_slist* longer = curl_slist_append(list.get(), header);
    if (longer == nullptr) throw std::bad_alloc();
    (void)list.release();
    list.reset(longer);
  };
  for (const std::string& header : headers) append(header.c_str());
  append("Expect:");  // no round trip for a 100 Continue
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

// One request and its answer on the way.
struct Exchange {
  explicit Exchange(const HttpOptions& o) : options(o) {
    easy.reset(curl_easy_init());
    if (easy == nullptr) throw std::runtime_error("libcurl gave no handle");
  }

  void Prepare(size_t at, HttpRequest r);
  HttpAnswer Finish(CURLcode code);

  static size_t OnBody(char* data, size_t, size_t size, void* self);
  static int OnRequest(void* self, char*, char*, int, int);
  static curl_socket_t OnSocket(void* self, curlsocktype,
                                curl_sockaddr* address);

  const HttpOptions& options;
  std::unique_ptr<CURL, FreeEasy> easy;
  size_t index = 0;
  HttpRequest request;
  Slist headers;
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

void Exchange::Prepare(size_t at, HttpRequest r) {
  index = at;
  request = std::move(r);
  headers = MakeHeaders(request.headers);
  answer = HttpAnswer();
  error[0] = '\0';
  left = refused = false;

  CURL* c = easy.get();
  curl_easy_reset(c);  // keeps connections and the DNS cache
  curl_easy_setopt(c, CURLOPT_PRIVATE, this);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(c, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  // Over TLS the first connection soon tells whether it takes many requests at
  // once; without TLS only the first answer would, so nothing waits for it.
  const bool tls = request.url.starts_with("https:");
  curl_easy_setopt(c, CURLOPT_PIPEWAIT, tls ? 1L : 0L);
  curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                   tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  const auto timeout = static_cast<long>(options.timeout.count());
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(c, CURLOPT_CAINFO, options.ca_file.c_str());
  }
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, &Exchange::OnRequest);
  curl_easy_setopt(c, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, &Exchange::OnSocket);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, this);
}

HttpAnswer Exchange::Finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200) {
    // The status line is the answer, whatever became of the body.
    answer.end = HttpEnd::kAnswered;
    answer.status = static_cast<int>(status);
    curl_off_t wait = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &wait);
    if (wait > 0) answer.retry_after = std::min(seconds(wait), kMaxRetryAfter);
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

// Takes the exchange out of the multi handle when the call ends, also early.
struct Attached {
  Attached(CURLM* m, CURL* e) : multi(m), easy(e) {
    code = curl_multi_add_handle(multi, easy);
  }
  ~Attached() { curl_multi_remove_handle(multi, easy); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

  CURLM* multi;
  CURL* easy;
  CURLMcode code = CURLM_OK;
};

}  // namespace

struct HttpClient::Impl {
  explicit Impl(HttpOptions o)
      : options(std::move(o)), multi(curl_multi_init()) {
    if (multi == nullptr) throw std::runtime_error("libcurl gave no handle");
    const auto most = static_cast<long>(options.max_in_flight);
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, most);
    curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
    curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  }

  Exchange* TakeIdle() {
    if (idle.empty()) {
      exchanges.push_back(std::make_unique<Exchange>(options));
      return exchanges.back().get();
    }
    Exchange* exchange = idle.back();
    idle.pop_back();
    return exchange;
  }

  const HttpOptions options;
  std::vector<std::unique_ptr<Exchange>> exchanges;  // at most max_in_flight
  std::vector<Exchange*> idle;
  std::unique_ptr<CURLM, FreeMulti> multi;  // goes before its easy handles
};

HttpClient::HttpClient(HttpOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpClient::~HttpClient() = default;

namespace {

using Running = std::vector<std::pair<Exchange*, std::unique_ptr<Attached>>>;

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

void Detach(Running* running, const Exchange* exchange) {
  std::erase_if(*running, [&](const auto& r) { return r.first == exchange; });
}

}  // namespace

void HttpClient::Post(size_t count,
                      const std::function<HttpRequest(size_t)>& make,
                      const std::function<void(size_t, HttpAnswer)>& done) {
  CURLM* multi = impl_->multi.get();
  const auto most = static_cast<size_t>(impl_->options.max_in_flight);
  Running running;
  size_t next = 0;
  while (next < count || !running.empty()) {
    while (next < count && running.size() < most) {
      Exchange* exchange = impl_->TakeIdle();
      exchange->Prepare(next, make(next));
      ++next;
      auto attached = std::make_unique<Attached>(multi, exchange->easy.get());
      if (attached->code == CURLM_OK) {
        running.emplace_back(exchange, std::move(attached));
      } else {
        impl_->idle.push_back(exchange);
        done(exchange->index, exchange->Finish(CURLE_FAILED_INIT));
      }
    }
    int active = 0;
    curl_multi_perform(multi, &active);
    bool ended = false;
    while (const auto end = NextEnded(multi)) {
      Exchange* exchange = end->first;
      HttpAnswer answer = exchange->Finish(end->second);
      Detach(&running, exchange);
      impl_->idle.push_back(exchange);
      ended = true;
      done(exchange->index, std::move(answer));
    }
    if (!ended && !running.empty()) {
      curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
  }
}

}  // namespace rekindle

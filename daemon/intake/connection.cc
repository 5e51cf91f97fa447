#include "daemon/intake/connection.h"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "daemon/intake/answer.h"
#include "daemon/intake/body_decoding.h"
#include "daemon/intake/body_reader.h"
#include "daemon/intake/call_reader.h"
#include "daemon/intake/http_stream.h"

namespace rekindle {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using namespace std::chrono_literals;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

// How long a client may take: until a request begins, for its header, its
// body, its answer, and until it has seen that the connection ends.
constexpr auto kIdleTime = 75s;
constexpr auto kHeaderTime = 10s;
constexpr auto kBodyTime = 30s;
constexpr auto kWriteTime = 30s;
constexpr auto kLingerTime = 3s;

constexpr size_t kHeaderBytes = 16 << 10;
constexpr size_t kFirstRead = 4 << 10;
// What was read but not yet understood. The parser takes the line before a
// chunk, and the fields behind the last, for as long as they do not end.
constexpr size_t kBufferBytes = 64 << 10;
static_assert(kBufferBytes >= kHeaderBytes + kFirstRead);
// Of the body of a request that is refused, to keep the connection.
constexpr size_t kMostSkipped = 4 << 20;
constexpr size_t kPadding = simdjson::SIMDJSON_PADDING;

// Path and query of a target that names the host, too (RFC 9112 3.2.2); of
// others, the target.
std::string_view WithoutHost(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!boost::algorithm::istarts_with(target, scheme)) continue;
    const size_t end = target.find_first_of("/?", scheme.size());
    return target.substr(std::min(end, target.size()));
  }
  return target;
}

// What a call takes while it waits: its text, and its messages with theirs.
int64_t CostOf(const Call& call) {
  return static_cast<int64_t>(2 * call.body.size() +
                              call.messages.size() * sizeof(MessageView) +
                              call.kept.size() * sizeof(Message) +
                              call.refused.size() * sizeof(RefusedMessage));
}

// A request whose header was read.
struct Request {
  Request(HttpStream& stream, beast::flat_buffer& buffer, HttpParser& parser,
          MemoryBudget& budget)
      : header(parser.get()), body(stream, buffer, parser), memory(budget) {}

  std::string_view Field(http::field name) const {
    const beast::string_view text = header[name];
    return {text.data(), text.size()};
  }
  std::string_view Path() const { return Target().substr(0, PathLength()); }
  std::string_view Query() const {
    return Target().substr(std::min(PathLength() + 1, Target().size()));
  }
  std::string_view Method() const {
    const beast::string_view text = header.method_string();
    return {text.data(), text.size()};
  }
  std::string_view Field(std::string_view name) const {
    const beast::string_view text =
        header[beast::string_view(name.data(), name.size())];
    return {text.data(), text.size()};
  }
  // The client sends its body when it is told to.
  bool AwaitsContinue() const {
    return boost::algorithm::iequals(Field(http::field::expect),
                                     "100-continue");
  }

  std::string_view Target() const {
    const beast::string_view target = header.target();
    return WithoutHost({target.data(), target.size()});
  }
  size_t PathLength() const {
    return std::min(Target().find('?'), Target().size());
  }

  const HttpParser::value_type& header;
  BodyReader body;
  bool continued = false;
  MemoryShare memory;
  SteadyClock::time_point began = SteadyClock::now();
};

class ClientConnection : public Connection,
                         public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(IntakeSocket socket, Reception& reception,
                   CallReader& reader, std::function<void()> ended)
      : stream_(std::move(socket)),
        reception_(reception),
        reader_(reader),
        ended_(std::move(ended)) {
    error_code ignored;
    stream_.socket().non_blocking(true, ignored);
  }

  void Start() override {
    auto self = shared_from_this();
    asio::co_spawn(stream_.get_executor(), Serve(),
                   [self](std::exception_ptr thrown) { self->Finish(thrown); });
  }

  void End(bool now) override {
    if (now || idle_) stream_.close();
  }

 private:
  // Each is false where the connection ends with it.
  Task<bool> WaitForRequest();
  Task<bool> ServeRequest();
  Task<bool> WriteAnswer(const Answer& answer, bool keep_alive, bool http_1_0,
                         bool head_only = false);

  // Each gives nothing where the client is gone.
  Task<std::optional<Answer>> Handle(Request& request);
  Task<std::optional<Answer>> TakeCall(Request& request, CallPath path,
                                       Reception::Permission permission);
  Task<std::optional<Answer>> TakeVisit(Request& request);
  VisitReply Visit(const Request& request, std::string_view body);
  // REQUIRES: neither kRead nor kGone.
  Answer NoBody(BodyEnd end) const;

  Task<void> Serve();
  bool SkipEmptyLines();
  Task<error_code> ReadMore(SteadyClock::duration time);
  Task<error_code> ReadHeader(HttpParser& parser);
  Task<BodyEnd> ReadBody(Request& request, std::string* body);
  Task<bool> Commit(std::unique_ptr<Call> call);
  Task<bool> Commit(ReceiptBatch batch);
  Task<bool> Write(const std::string& text);
  Task<void> Linger();
  void Finish(std::exception_ptr thrown);

  HttpStream stream_;
  Reception& reception_;
  CallReader& reader_;
  const std::function<void()> ended_;
  beast::flat_buffer buffer_{kBufferBytes};
  bool idle_ = true;  // no request is under way
  Reception::Granted granted_;
};

Task<void> ClientConnection::Serve() {
  bool goes_on = true;
  while (goes_on) {
    goes_on = co_await WaitForRequest();
    if (goes_on) goes_on = co_await ServeRequest();
  }
}

void ClientConnection::Finish(std::exception_ptr thrown) {
  stream_.close();
  ended_();
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    spdlog::error("intake: a connection broke off: {}", e.what());
  }
}

Task<bool> ClientConnection::WaitForRequest() {
  error_code error;
  const auto end = SteadyClock::now() + kIdleTime;
  idle_ = true;
  while (!error && !SkipEmptyLines()) {
    error = co_await ReadMore(end - SteadyClock::now());
  }
  idle_ = false;
  co_return !error;
}

// Some clients send one behind a body (RFC 9112 2.2). False where no request
// has begun behind them.
bool ClientConnection::SkipEmptyLines() {
  for (;;) {
    const auto data = buffer_.data();
    const std::string_view text(static_cast<const char*>(data.data()),
                                data.size());
    if (text.empty() || text == "\r") return false;
    if (!text.starts_with("\r\n")) return true;
    buffer_.consume(2);
  }
}

Task<error_code> ClientConnection::ReadMore(SteadyClock::duration time) {
  error_code error;
  stream_.expires_after(time);
  buffer_.commit(co_await stream_.async_read_some(buffer_.prepare(kFirstRead),
                                                  Into(error)));
  co_return error;
}

// Mostly the whole header came with the first byte.
Task<error_code> ClientConnection::ReadHeader(HttpParser& parser) {
  const auto end = SteadyClock::now() + kHeaderTime;
  error_code error;
  while (!error) {
    buffer_.consume(parser.put(buffer_.data(), error));
    if (parser.is_header_done()) break;
    if (error == http::error::need_more) {
      error = co_await ReadMore(end - SteadyClock::now());
    }
  }
  co_return error;
}

Task<bool> ClientConnection::ServeRequest() {
  HttpParser parser;
  parser.header_limit(kHeaderBytes);
  parser.body_limit(boost::none);
  const error_code error = co_await ReadHeader(parser);
  if (error && !IsMalformed(error)) co_return false;
  const bool http_1_0 = parser.get().version() < 11;
  if (error) {
    const Answer answer =
        Refused(error == http::error::header_limit
                    ? Problem{431, "request header too large",
                              "the header is larger than 16 KB"}
                    : Problem{400, "invalid request", error.message()});
    reception_.stats().CountRequest(answer.status, 0us);
    co_return co_await WriteAnswer(answer, false, http_1_0);
  }

  Request request(stream_, buffer_, parser, reception_.waiting());
  const std::optional<Answer> answer = co_await Handle(request);
  if (!answer) co_return false;
  // Whether a client that awaits the word sends its body all the same is open.
  const bool comes = !request.AwaitsContinue() || request.continued;
  const bool keep_alive =
      parser.get().keep_alive() && !reception_.stopping() &&
      (request.body.at_end() || (comes && request.body.CanSkip(kMostSkipped)));
  reception_.stats().CountRequest(
      answer->status, std::chrono::duration_cast<std::chrono::microseconds>(
                          SteadyClock::now() - request.began));
  const bool head_only = request.header.method() == http::verb::head;
  const bool written =
      co_await WriteAnswer(*answer, keep_alive, http_1_0, head_only);
  if (!written || request.body.at_end()) co_return written;
  stream_.expires_after(kBodyTime);
  co_return co_await request.body.Skip();
}

Task<std::optional<Answer>> ClientConnection::Handle(Request& request) {
  if (Visits::Knows(request.Path())) co_return co_await TakeVisit(request);
  const std::optional<CallPath> path = FindCall(request.Path());
  if (!path) {
    co_return Refused({404, "not found", "there is no such path"});
  }
  const http::verb method = request.header.method();
  if (method == http::verb::options) co_return Preflight();
  if (method != http::verb::post) co_return PostOnly();
  if (reception_.stopping()) co_return Stopping();
  const auto permission = reception_.PermissionOf(
      request.Field(http::field::authorization), &granted_);
  if (permission == Reception::Permission::kDenied) {
    co_return Refused({401, "invalid write key",
                       "the Authorization header does not hold a write key"});
  }
  co_return co_await TakeCall(request, *path, permission);
}

Task<std::optional<Answer>> ClientConnection::TakeCall(
    Request& request, CallPath path, Reception::Permission permission) {
  auto call = std::make_unique<Call>();
  call->path = path.path;
  call->type = path.type;
  const BodyEnd end = co_await ReadBody(request, &call->body);
  request.began = SteadyClock::now();
  if (end == BodyEnd::kGone) co_return std::nullopt;
  if (end != BodyEnd::kRead) co_return NoBody(end);
  const auto problem =
      reception_.Understand(request.Field(http::field::content_encoding),
                            permission, reader_, call.get());
  if (problem) co_return Refused(*problem);
  if (!request.memory.Resize(CostOf(*call))) co_return Busy();
  // Asked last: once it is set, nothing is handed over any more.
  if (reception_.stopping()) co_return Stopping();
  const bool durable = co_await Commit(std::move(call));
  co_return durable ? Accepted() : NotWritten();
}

Answer ClientConnection::NoBody(BodyEnd end) const {
  if (end == BodyEnd::kNoRoom) return Busy();
  if (end == BodyEnd::kTooLarge) return TooManyBytes(reception_.max_body());
  return Refused({400, "invalid request", "the body's chunks cannot be read"});
}

VisitReply ClientConnection::Visit(const Request& request,
                                   std::string_view body) {
  return reception_.visits().Handle(
      {.method = request.Method(),
       .path = request.Path(),
       .query = request.Query(),
       .header = [&](std::string_view name) { return request.Field(name); },
       .body = body});
}

Task<std::optional<Answer>> ClientConnection::TakeVisit(Request& request) {
  std::string body;
  if (Visits::TakesBody(request.Method())) {
    const BodyEnd end = co_await ReadBody(request, &body);
    request.began = SteadyClock::now();
    if (end == BodyEnd::kGone) co_return std::nullopt;
    if (end != BodyEnd::kRead) co_return NoBody(end);
    const auto problem =
        DecodeBody(request.Field(http::field::content_encoding),
                   reception_.max_body(), kPadding, &body);
    if (problem) co_return Refused(*problem);
  }
  if (reception_.stopping()) co_return Stopping();
  VisitReply reply = Visit(request, body);
  if (reply.batch.receipts.empty() && reply.batch.refused.empty()) {
    co_return std::move(reply.answer);
  }
  if (!reply.waits) {
    reception_.receipts().Submit(std::move(reply.batch));
    co_return std::move(reply.answer);
  }
  const bool durable = co_await Commit(std::move(reply.batch));
  co_return durable ? std::move(reply.answer) : NotWritten();
}

Task<BodyEnd> ClientConnection::ReadBody(Request& request, std::string* body) {
  const size_t limit = reception_.max_body();
  if (request.AwaitsContinue() && request.body.Fits(limit) &&
      buffer_.size() == 0) {
    static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    request.continued = co_await Write(kContinue);
  }
  if (auto end =
          request.body.TakeBuffered(limit, kPadding, request.memory, body)) {
    co_return *end;
  }
  stream_.expires_after(kBodyTime);
  co_return co_await request.body.Read(limit, kPadding, request.memory, body);
}

// Resumes on this thread when the committer is done with the call.
Task<bool> ClientConnection::Commit(std::unique_ptr<Call> call) {
  auto hand_over = [this, &call](auto handler) {
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    reception_.committer().Submit(
        std::move(call), [resume, executor = stream_.get_executor()](
                             std::unique_ptr<Call> done, bool durable) {
          asio::post(executor, [resume, done = std::move(done), durable] {
            std::move (*resume)(durable);
          });
        });
  };
  asio::use_awaitable_t<Executor> token;
  co_return co_await asio::async_initiate<asio::use_awaitable_t<Executor>,
                                          void(bool)>(hand_over, token);
}

Task<bool> ClientConnection::Commit(ReceiptBatch batch) {
  auto hand_over = [this, &batch](auto handler) {
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    reception_.receipts().Submit(
        std::move(batch),
        [resume, executor = stream_.get_executor()](bool durable) {
          asio::post(executor,
                     [resume, durable] { std::move (*resume)(durable); });
        });
  };
  asio::use_awaitable_t<Executor> token;
  co_return co_await asio::async_initiate<asio::use_awaitable_t<Executor>,
                                          void(bool)>(hand_over, token);
}

Task<bool> ClientConnection::Write(const std::string& text) {
  error_code error;
  // There is room for it nearly always: then nothing needs to be waited for.
  const size_t written = stream_.socket().write_some(asio::buffer(text), error);
  if (written == text.size()) co_return true;
  if (error && error != asio::error::would_block) co_return false;
  stream_.expires_after(kWriteTime);
  co_await asio::async_write(stream_, asio::buffer(text) + written,
                             Into(error));
  co_return !error;
}

Task<bool> ClientConnection::WriteAnswer(const Answer& answer, bool keep_alive,
                                         bool http_1_0, bool head_only) {
  const std::string text = ToText(answer, keep_alive, http_1_0, head_only);
  const bool written = co_await Write(text);
  if (written && !keep_alive) co_await Linger();
  co_return written&& keep_alive;
}

// A socket that is closed while bytes arrive throws away the answer with them:
// reads on until the client has seen it.
Task<void> ClientConnection::Linger() {
  error_code error;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::array<char, 4096> dropped;
  stream_.expires_after(kLingerTime);
  while (!error) {
    co_await stream_.async_read_some(asio::buffer(dropped), Into(error));
  }
}

}  // namespace

std::shared_ptr<Connection> MakeConnection(IntakeSocket socket,
                                           Reception& reception,
                                           CallReader& reader,
                                           std::function<void()> ended) {
  return std::make_shared<ClientConnection>(std::move(socket), reception,
                                            reader, std::move(ended));
}

}  // namespace rekindle

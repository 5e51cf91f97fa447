// Tests daemon/intake over real sockets: requests as clients write them, and
// as they should not.
#include "daemon/intake/intake_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

// A client that writes and reads bytes.
class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address),
                         sizeof address) == 0;
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void Write(const std::string& text) {
    send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // The next answer: its status line, and its body behind it; empty at the end.
  std::string Read() {
    while (true) {
      const size_t end = bytes_.find("\r\n\r\n");
      if (end != bytes_.npos) {
        head_ = bytes_.substr(0, end + 2);
        const size_t at = head_.find("Content-Length: ");
        size_t size = at == head_.npos ? 0 : std::stoul(head_.substr(at + 16));
        if (bytes_.size() >= end + 4 + size) {
          std::string answer = head_.substr(9, head_.find("\r\n") - 9);
          if (size > 0) answer += " " + bytes_.substr(end + 4, size);
          bytes_.erase(0, end + 4 + size);
          return answer;
        }
      }
      char more[4096];
      const ssize_t got = recv(fd_, more, sizeof more, 0);
      if (got <= 0) return "";
      bytes_.append(more, static_cast<size_t>(got));
    }
  }
  // The header of what Read gave.
  const std::string& head() const { return head_; }
  bool Ended() { return Read().empty() && bytes_.empty(); }

 private:
  int fd_;
  bool connected_ = false;
  std::string bytes_, head_;
};

// What is logged while it lives.
class CapturedLog {
 public:
  CapturedLog() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_, true);
    sink->set_pattern("%v");
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("captured", sink));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  std::string text() const { return text_.str(); }

 private:
  const std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

const std::string kEvent = R"({"userId":"u","event":"e"})";
const std::string kDone = R"(200 OK {"success":true})";

std::string Post(const std::string& headers, const std::string& body,
                 const std::string& path = "/v1/track") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string Post(const std::string& body) {
  return Post("Authorization: Basic V0sxMjM6\r\n", body);
}

class IntakeServerTest : public ::testing::Test {
 protected:
  IntakeServerTest() {
    setenv("REKINDLE_TEST_KEY", "WK123", 1);
    dir_.Write("rekindle.yaml",
               "data_dir: data\n"
               "intake:\n"
               "  listen: \"127.0.0.1:0\"\n"
               "  write_keys: [{env: REKINDLE_TEST_KEY}]\n"
               "  max_body: 100 kB\n"
               "  max_waiting: 400 kB\n"
               "  max_connections: 20\n");
    yaml::Diagnostics d;
    auto configuration = LoadConfiguration(dir_ / "rekindle.yaml", d);
    if (!configuration) throw std::runtime_error(d.Render());
    settings_ = *configuration->intake;
    session_ = std::move(*Session::Open(configuration, clock_));
    receipts_ = std::make_unique<ReceiptCommitter>(session_->engine(), clock_);
    server_ = std::move(*IntakeServer::Start(*session_, settings_, *receipts_));
  }

  std::string Ask(const std::string& request) {
    Client client(server_->port());
    client.Write(request);
    return client.Read();
  }
  int64_t events() { return session_->engine().journal().stats().events; }

  testing::TempDir dir_;
  SystemClock clock_;
  IntakeSettings settings_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<ReceiptCommitter> receipts_;
  std::unique_ptr<IntakeServer> server_;
};

TEST_F(IntakeServerTest, Answers) {
  const std::string basic = "Authorization: Basic V0sxMjM6\r\n";
  const std::string no_key =
      R"(401 Unauthorized {"success":false,"error":"failed to read writekey )"
      R"(from header","detail":"neither the header nor the body names a write )"
      R"(key"})";
  struct Case {
    std::string request;
    std::string answer;  // or its beginning
  };
  const Case cases[] = {
      {Post(basic, kEvent), kDone},
      {Post(basic + "Content-Type: text/plain\r\n", kEvent), kDone},
      {Post(basic + "Content-Type: application/x-www-form-urlencoded\r\n",
            kEvent),
       kDone},
      {Post(basic, kEvent, "/v1/t?x=1"), kDone},
      {Post("", R"({"writeKey":"WK123","userId":"u","event":"e"})"), kDone},
      {Post("Authorization: Bearer WK123\r\n", kEvent), kDone},
      {Post("Authorization: Bearer token\r\n",
            R"({"writeKey":"WK123","userId":"u","event":"e"})"),
       kDone},
      {Post("Authorization: Basic bm9wZTo=\r\n",
            R"({"writeKey":"WK123","userId":"u","event":"e"})"),
       R"(401 Unauthorized {"success":false,"error":"invalid write key")"},
      {Post("", R"({"writeKey":"nope","userId":"u","event":"e"})"),
       R"(401 Unauthorized {"success":false,"error":"invalid write key")"},
      {Post("", kEvent), no_key},
      {Post("", "x"), R"(400 Bad Request {"success":false,"error":"invalid)"},
      {Post(basic, ""),
       R"(400 Bad Request {"success":false,"error":"request body is nil")"},
      {"POST /v1/track HTTP/1.1\r\n" + basic + "\r\n",
       R"(400 Bad Request {"success":false,"error":"request body is nil")"},
      {Post(basic, kEvent, "/v1/nothing"), "404 Not Found "},
      {"GET / HTTP/1.1\r\n\r\n", "404 Not Found "},
      {"GET /v1/batch HTTP/1.1\r\n\r\n", "405 Method Not Allowed "},
      {"OPTIONS /v1/batch HTTP/1.1\r\n\r\n", "204 No Content"},
      {Post(basic + "Content-Encoding: br\r\n", kEvent),
       "415 Unsupported Media Type "},
      {Post(basic, std::string(100'000 + 1, 'x')),
       R"(413 Payload Too Large {"success":false,"error":"request size )"
       R"(exceeds max limit","detail":"the body is larger than 100000 bytes"})"},
      {Post(basic, kEvent, "http://intake.example:80/v1/track"), kDone},
      {Post(basic, kEvent, "HTTPS://x/v1/t?x=1"), kDone},
      {Post(basic, kEvent, "http://intake.example"), "404 Not Found "},
      {Post(basic, kEvent, "ftp://x/v1/track"), "404 Not Found "},
      {"\r\n" + Post(basic, kEvent), kDone},
      {"\r\nnonsense\r\n\r\n", "400 Bad Request "},
      {"nonsense\r\n\r\n",
       R"(400 Bad Request {"success":false,"error":"invalid request")"},
      {"GET / HTTP/1.1\r\nX: " + std::string(20000, 'x'),
       "431 Request Header Fields Too Large "},
      {"POST /v1/track HTTP/1.0\r\n" + basic + "Content-Length: 26\r\n\r\n" +
           kEvent,
       kDone},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Ask(c.request).substr(0, c.answer.size()), c.answer)
        << c.request.substr(0, 300);
  }
}

TEST_F(IntakeServerTest, BrowsersMayCallFromAnySite) {
  Client client(server_->port());
  client.Write(
      "OPTIONS /v1/batch HTTP/1.1\r\nHost: x\r\nOrigin: https://shop.example"
      "\r\nAccess-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: anonymousid,authorization,content-type"
      "\r\n\r\n");
  EXPECT_EQ(client.Read(), "204 No Content");
  const auto told = [&client](const std::string& line) {
    return client.head().find("\r\n" + line + "\r\n") != std::string::npos;
  };
  EXPECT_TRUE(told("Access-Control-Allow-Origin: *"));
  EXPECT_TRUE(told("Access-Control-Allow-Methods: POST, OPTIONS"));
  EXPECT_TRUE(
      told("Access-Control-Allow-Headers: Authorization, Content-Type, "
           "Content-Encoding, X-Retry-Count, AnonymousId, *"));
  client.Write(Post(kEvent));
  EXPECT_EQ(client.Read(), kDone);
  EXPECT_TRUE(told("Access-Control-Allow-Origin: *"));
}

TEST_F(IntakeServerTest, OneConnectionManyRequestsAlsoAllAtOnce) {
  Client client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.Write(Post(kEvent));
    EXPECT_EQ(client.Read(), kDone);
  }
  client.Write(Post(kEvent) + Post("", "x", "/no") + Post(kEvent));
  EXPECT_EQ(client.Read(), kDone);
  EXPECT_TRUE(client.Read().starts_with("404"));
  EXPECT_EQ(client.Read(), kDone);
  EXPECT_EQ(events(), 5);
  client.Write(Post("Connection: close\r\n", "x", "/no"));
  EXPECT_TRUE(client.Read().starts_with("404"));
  EXPECT_TRUE(client.Ended());
}

TEST_F(IntakeServerTest, BodiesInPieces) {
  Client client(server_->port());
  const std::string request = Post(kEvent);
  for (char byte : request) client.Write(std::string(1, byte));
  EXPECT_EQ(client.Read(), kDone);

  const std::string chunked =
      "POST /v1/track HTTP/1.1\r\nAuthorization: Basic V0sxMjM6\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  client.Write(chunked + "5\r\n{\"use\r\n");
  std::this_thread::sleep_for(20ms);
  client.Write("15\r\nrId\":\"u\",\"event\":\"e\"}\r\n0\r\n\r\n");
  EXPECT_EQ(client.Read(), kDone);

  client.Write(chunked);
  const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  client.Write(chunk + chunk);
  EXPECT_TRUE(client.Read().starts_with("413 Payload Too Large "));
}

TEST_F(IntakeServerTest, ChunksThatCannotBeReadAreRefused) {
  const std::string chunked =
      "POST /v1/track HTTP/1.1\r\nAuthorization: Basic V0sxMjM6\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  // What never ends is not held in memory whole.
  const std::string endless(100'000, 'x');
  for (const std::string& chunks :
       {std::string("x\r\n"), std::string("5\r\n{\"use\r\nzz\r\n"),
        std::string("5\r\n{\"userId\"\r\n"), "5;" + endless,
        "0\r\nx: " + endless}) {
    Client client(server_->port());
    client.Write(chunked + chunks);
    EXPECT_EQ(client.Read(),
              R"(400 Bad Request {"success":false,"error":"invalid request",)"
              R"("detail":"the body's chunks cannot be read"})")
        << chunks.substr(0, 30);
    EXPECT_NE(client.head().find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.Ended());
  }
  EXPECT_EQ(server_->stats().requests(400), 5);
}

TEST_F(IntakeServerTest, EmptyLinesBetweenRequestsAreSkipped) {
  Client client(server_->port());
  for (int i = 0; i < 2; ++i) {
    client.Write(Post(kEvent) + "\r\n");
    EXPECT_EQ(client.Read(), kDone);
  }
  client.Write("\r");
  std::this_thread::sleep_for(20ms);
  client.Write("\n" + Post(kEvent));
  EXPECT_EQ(client.Read(), kDone);
  EXPECT_EQ(events(), 3);
}

TEST_F(IntakeServerTest, AClientThatAsksFirstIsToldToGoOnOrNotTo) {
  const std::string expect =
      "Authorization: Basic V0sxMjM6\r\nExpect: 100-continue\r\n";
  const std::string request = Post(expect, kEvent);
  Client client(server_->port());
  client.Write(request.substr(0, request.size() - kEvent.size()));
  EXPECT_EQ(client.Read(), "100 Continue");
  client.Write(kEvent);
  EXPECT_EQ(client.Read(), kDone);

  client.Write("POST /v1/batch HTTP/1.1\r\nContent-Length: 999999\r\n" +
               expect + "\r\n");
  EXPECT_TRUE(client.Read().starts_with("413"));
  EXPECT_TRUE(client.Ended());
}

TEST_F(IntakeServerTest, WhereMemoryIsUsedUpClientsAreAskedToComeAgain) {
  // Five clients that each got most of 100 kB through.
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(std::make_unique<Client>(server_->port()));
    slow.back()->Write(Post(std::string(100'000, ' ')).substr(0, 90000));
  }
  while (server_->waiting_bytes() < 350'000) {
    std::this_thread::sleep_for(1ms);
  }
  Client client(server_->port());
  client.Write(Post(std::string(90'000, ' ')));
  EXPECT_TRUE(client.Read().starts_with("429 Too Many Requests "));
  EXPECT_NE(client.head().find("Retry-After: 2\r\n"), std::string::npos);
  EXPECT_NE(
      client.head().find("Access-Control-Expose-Headers: Retry-After\r\n"),
      std::string::npos);
  slow.clear();
  while (server_->waiting_bytes() > 0) std::this_thread::sleep_for(1ms);
  client.Write(Post(kEvent));
  EXPECT_EQ(client.Read(), kDone);
}

// Its messages take more than its text: more than may wait.
TEST_F(IntakeServerTest, WhoIsAloneIsTaken) {
  std::string body = R"({"batch":[)";
  for (int i = 0; i < 2200; ++i) {
    if (i > 0) body += ',';
    body += R"({"type":"track","userId":"u","event":"e"})";
  }
  body += "]}";
  ASSERT_LT(body.size(), 100'000u);
  const std::string basic = "Authorization: Basic V0sxMjM6\r\n";
  EXPECT_EQ(Ask(Post(basic, body, "/v1/batch")), kDone);
  EXPECT_EQ(events(), 2200);
  while (server_->waiting_bytes() > 0) std::this_thread::sleep_for(1ms);

  Client slow(server_->port());
  slow.Write(Post(std::string(90'000, ' ')).substr(0, 80'000));
  while (server_->waiting_bytes() == 0) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(Ask(Post(basic, body, "/v1/batch")).starts_with("429 "));
}

TEST_F(IntakeServerTest, IdleClientsStopNobodyUpToTheLimit) {
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 19; ++i) {
    idle.push_back(std::make_unique<Client>(server_->port()));
    idle.back()->Write("POST /v1/tr");
  }
  EXPECT_EQ(Ask(Post(kEvent)), kDone);
  while (server_->stats().connections > 19) std::this_thread::sleep_for(1ms);
  Client last(server_->port());
  last.Write(Post(kEvent));
  EXPECT_EQ(last.Read(), kDone);
  CapturedLog log;
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(Ask("").starts_with("503 Service Unavailable "));
    // It is counted once it is answered.
    while (server_->stats().requests(503) < i) std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(log.text(),
            "intake: 1 connection was turned away, as there are 20 already\n");
}

TEST_F(IntakeServerTest, WhatIsRefusedEarlyIsCounted) {
  EXPECT_TRUE(Ask("nonsense\r\n\r\n").starts_with("400 "));
  EXPECT_EQ(server_->stats().requests(400), 1);
  EXPECT_TRUE(Ask("GET / HTTP/1.1\r\nX: " + std::string(17'000, 'x'))
                  .starts_with("431 "));
  EXPECT_EQ(server_->stats().requests(431), 1);
}

TEST_F(IntakeServerTest, NewKeysWithoutALostConnection) {
  Client client(server_->port());
  client.Write(Post(kEvent));
  EXPECT_EQ(client.Read(), kDone);
  IntakeSettings changed = settings_;
  changed.write_keys = {Secret("another")};
  server_->Adopt(changed);
  client.Write(Post(kEvent));
  EXPECT_TRUE(client.Read().starts_with("401"));
  client.Write(Post("Authorization: Bearer another\r\n", kEvent));
  EXPECT_EQ(client.Read(), kDone);
}

// Of the header that was granted last, and of no other.
TEST_F(IntakeServerTest, EveryRequestOfAConnectionNeedsItsKey) {
  Client client(server_->port());
  for (int times = 0; times < 2; ++times) {
    client.Write(Post(kEvent));
    EXPECT_EQ(client.Read(), kDone);
    client.Write(Post("Authorization: Basic V0sxMjQ6\r\n", kEvent));
    EXPECT_TRUE(client.Read().starts_with("401"));
    client.Write(Post("", kEvent));
    EXPECT_TRUE(client.Read().starts_with("401"));
  }
}

TEST_F(IntakeServerTest, AtTheEndWhoIsThereIsTold) {
  auto idle = std::make_unique<Client>(server_->port());
  idle->Write(Post(kEvent));
  EXPECT_EQ(idle->Read(), kDone);
  // What it held is given back after its answer; what is held next is slow's.
  while (server_->waiting_bytes() > 0) std::this_thread::sleep_for(1ms);
  auto slow = std::make_unique<Client>(server_->port());
  const std::string request = Post(kEvent);
  slow->Write(request.substr(0, request.size() - 5));
  while (server_->waiting_bytes() == 0) std::this_thread::sleep_for(1ms);
  std::thread drain([this] { server_->Drain(); });
  while (Client(server_->port()).connected()) std::this_thread::sleep_for(1ms);
  idle->Write(Post(kEvent));
  EXPECT_TRUE(idle->Read().starts_with("503 Service Unavailable "));
  EXPECT_NE(idle->head().find("Retry-After: 5\r\n"), std::string::npos);
  EXPECT_TRUE(idle->Ended());
  slow->Write(request.substr(request.size() - 5));
  EXPECT_TRUE(slow->Read().starts_with("503 Service Unavailable "));
  // They are given time to read it: as long as they stay.
  idle.reset();
  slow.reset();
  drain.join();
  EXPECT_EQ(events(), 1);
}

TEST_F(IntakeServerTest, AnAddressInUseIsRefused) {
  IntakeSettings same = settings_;
  same.listen.port = server_->port();
  auto second = IntakeServer::Start(*session_, same, *receipts_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot take in events on 127.0.0.1:" +
                                        std::to_string(server_->port()) +
                                        ": Address already in use");
}

}  // namespace
}  // namespace rekindle

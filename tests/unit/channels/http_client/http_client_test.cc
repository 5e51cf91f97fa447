#include "channels/http_client/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/channels/channel_test.h"
#include "tests/unit/channels/raw_server.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<HttpAnswer> PostAll(HttpClient& client, const std::string& url,
                                size_t count) {
  std::vector<HttpAnswer> answers;
  ListOutbox outbox(std::vector<ClaimedTouch>(count, MakeTouch("t")));
  client.Run(
      outbox,
      [&](const ClaimedTouch&) {
        return HttpRequest{url, {}, "{}"};
      },
      [&](const ClaimedTouch&, const HttpAnswer& answer) {
        answers.push_back(answer);
        return Outcome();
      });
  EXPECT_EQ(answers.size(), count);
  return answers;
}

HttpAnswer PostOne(const std::string& url, HttpOptions options = {}) {
  HttpClient client(options);
  return PostAll(client, url, 1)[0];
}

HttpOptions Impatient() {
  HttpOptions options;
  options.timeout = milliseconds(500);
  return options;
}

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(HttpClientTest, ManyInFlightButNotMoreThanAllowed) {
  std::atomic<int> now = 0, most = 0;
  RawServer server([&](int fd, int) {
    while (RawServer::ReadRequest(fd)) {
      most = std::max(most.load(), ++now);
      std::this_thread::sleep_for(milliseconds(50));
      --now;
      RawServer::Write(fd, kOk);
    }
  });
  HttpOptions options;
  options.concurrency = 4;
  HttpClient client(options);
  for (const HttpAnswer& answer : PostAll(client, server.url(), 12)) {
    EXPECT_EQ(answer.end, HttpEnd::kAnswered) << answer.error;
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "ok");
  }
  EXPECT_EQ(most, 4);
  EXPECT_LE(server.connections(), 4) << "connections are kept open";
}

TEST(HttpClientTest, NobodyListens) {
  int port = 0;
  {
    RawServer gone([](int, int) {});
    port = gone.port();
  }
  const HttpAnswer answer =
      PostOne("http://127.0.0.1:" + std::to_string(port) + "/");
  EXPECT_EQ(answer.end, HttpEnd::kUnreachable);
  EXPECT_NE(answer.error, "");
}

TEST(HttpClientTest, NoSuchHost) {
  EXPECT_EQ(PostOne("http://no-such-host.invalid/").end, HttpEnd::kUnreachable);
}

TEST(HttpClientTest, NoAnswerInTime) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::ReadRequest(fd);  // until the client hangs up
  });
  EXPECT_EQ(PostOne(server.url(), Impatient()).end, HttpEnd::kNoAnswer);
}

TEST(HttpClientTest, ResetAfterTheBody) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::ResetOnClose(fd);
  });
  EXPECT_EQ(PostOne(server.url()).end, HttpEnd::kNoAnswer);
}

TEST(HttpClientTest, NotHttpAtAll) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd, "220 mail.example ESMTP\r\n");
  });
  EXPECT_EQ(PostOne(server.url()).end, HttpEnd::kNoAnswer);
}

TEST(HttpClientTest, TheStatusIsTheAnswerEvenWhereTheBodyStalls) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok");
    RawServer::ReadRequest(fd);
  });
  const HttpAnswer answer = PostOne(server.url(), Impatient());
  EXPECT_EQ(answer.end, HttpEnd::kAnswered);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok");
}

TEST(HttpClientTest, AnOversizedBodyIsCut) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd,
                     "HTTP/1.1 400 Bad\r\n\r\n" + std::string(1 << 20, 'x'));
  });
  HttpOptions options;
  options.max_answer_bytes = 1000;
  const HttpAnswer answer = PostOne(server.url(), options);
  EXPECT_EQ(answer.end, HttpEnd::kAnswered);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, std::string(1000, 'x'));
}

TEST(HttpClientTest, RedirectsAreNotFollowed) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd,
                     "HTTP/1.1 302 Found\r\nLocation: /other\r\n"
                     "Content-Length: 0\r\n\r\n");
    RawServer::ReadRequest(fd);
  });
  EXPECT_EQ(PostOne(server.url()).status, 302);
  EXPECT_EQ(server.connections(), 1);
}

// A kept-alive connection that dies under a request: libcurl would send it a
// second time by itself.
TEST(HttpClientTest, ARequestIsNeverSentTwice) {
  std::atomic<int> requests = 0;
  RawServer server([&](int fd, int) {
    if (!RawServer::ReadRequest(fd)) return;
    ++requests;
    RawServer::Write(fd, kOk);
    if (RawServer::ReadRequest(fd)) ++requests;
  });
  HttpClient client(HttpOptions{});
  EXPECT_EQ(PostAll(client, server.url(), 1)[0].end, HttpEnd::kAnswered);
  EXPECT_EQ(PostAll(client, server.url(), 1)[0].end, HttpEnd::kNoAnswer);
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(PostAll(client, server.url(), 1)[0].end, HttpEnd::kAnswered);
  EXPECT_EQ(requests, 3);
}

TEST(HttpClientTest, PrivateAddressesCanBeRefused) {
  RawServer server([](int, int) {});
  HttpOptions options;
  options.refuse_private_addresses = true;
  EXPECT_EQ(PostOne(server.url(), options).end, HttpEnd::kRefused);
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientTest, ProxiesOfTheEnvironmentAreNotUsed) {
  RawServer proxy([](int, int) {});
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::Write(fd, kOk);
  });
  setenv("http_proxy", proxy.url().c_str(), 1);
  EXPECT_EQ(PostOne(server.url()).status, 200);
  unsetenv("http_proxy");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(HttpClientTest, PlainTextWhereTlsIsExpected) {
  RawServer server([](int fd, int) {
    RawServer::Write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  EXPECT_EQ(
      PostOne("https://127.0.0.1:" + std::to_string(server.port()) + "/").end,
      HttpEnd::kUntrusted);
}

TEST(HttpClientTest, RetryAfter) {
  const struct {
    std::string value;
    std::optional<seconds> expected;
  } kRows[] = {
      {"120", seconds(120)},
      {"0", std::nullopt},
      {"-5", std::nullopt},
      {"soon", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 2044 08:49:37 GMT", std::chrono::hours(24)},
      {"999999999999", std::chrono::hours(24)},
  };
  for (const auto& row : kRows) {
    RawServer server([&](int fd, int) {
      RawServer::ReadRequest(fd);
      RawServer::Write(fd, "HTTP/1.1 429 Slow\r\nRetry-After: " + row.value +
                               "\r\nContent-Length: 0\r\n\r\n");
    });
    EXPECT_EQ(PostOne(server.url()).retry_after, row.expected) << row.value;
  }
}

}  // namespace
}  // namespace rekindle

#include "channels/webhook/webhook_adapter.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "channels/http_client/http_outcome.h"
#include "channels/webhook/standard_webhooks.h"
#include "tests/unit/channels/channel_test.h"
#include "tests/unit/channels/raw_server.h"

namespace rekindle {
namespace {

using namespace channel_testing;

constexpr char kChannelSecret[] = "canary-secret";
constexpr char kOldSecret[] = "canary-old-secret";

// Answers by the user id: "user-400" gets status 400.
class Receiver {
 public:
  Receiver() {
    server_.new_task_queue = [] { return new httplib::ThreadPool(16); };
    server_.Post("/hook", [this](const httplib::Request& request,
                                 httplib::Response& response) {
      Answer(request, &response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Receiver() {
    server_.stop();
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/hook";
  }
  std::vector<httplib::Request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Answer(const httplib::Request& request, httplib::Response* response) {
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const std::string id = request.get_header_value("webhook-id");
    if (id == "hang") {
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    } else if (id == "huge") {
      response->set_content(std::string(1 << 20, 'x'), "text/plain");
    } else {
      response->status = std::stoi(id);
      response->set_header("Retry-After", "120");
      // A 204 has no content (RFC 9110 15.3.5): what came after its head would
      // be read as the next answer of the connection.
      if (response->status == 204) return;
      response->set_content(
          "no: " + std::string(kChannelSecret) + " kim@app.example token-kim",
          "text/plain");
    }
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::vector<httplib::Request> requests_;
};

std::unique_ptr<Adapter> Open(const std::string& url,
                              bool deduplicates = true) {
  WebhookSettings settings;
  settings.url = url;
  settings.keys.emplace_back(kChannelSecret);
  settings.keys.emplace_back(kOldSecret);
  settings.address_field = "push_token";
  settings.timeout = std::chrono::seconds(1);
  settings.concurrency = 4;  // the test server's backlog is 5
  settings.deduplicates = deduplicates;
  return MakeWebhookAdapter(
      std::move(settings),
      std::make_shared<FixedClock>(kSlot + std::chrono::minutes(1)));
}

TEST(WebhookAdapterTest, TheBody) {
  ClaimedTouch touch = MakeTouch("t1", "token-kim");
  touch.parts = {{"title", "你好"}, {"url", "app://report"}};
  EXPECT_EQ(
      WebhookBody(touch, true),
      R"({"type":"rekindle.touch","timestamp":"2026-02-01T02:00:00+00:00",)"
      R"("data":{"touch_id":"t1","rule_id":"wake",)"
      R"("slot":"2026-02-01T02:00:00+00:00","user_id":"user-t1",)"
      R"("address":"token-kim",)"
      R"("parts":{"title":"你好","url":"app://report"}}})");
  touch.parts = {};
  touch.user_id = "bad \xff byte";
  EXPECT_EQ(
      WebhookBody(touch, false),
      R"({"type":"rekindle.touch","timestamp":"2026-02-01T02:00:00+00:00",)"
      R"("data":{"touch_id":"t1","rule_id":"wake",)"
      R"("slot":"2026-02-01T02:00:00+00:00",)"
      "\"user_id\":\"bad \xEF\xBF\xBD byte\",\"parts\":{}}}");
}

TEST(WebhookAdapterTest, TheRequestIsSigned) {
  Receiver receiver;
  const auto adapter = Open(receiver.url());
  SendAll(*adapter, {MakeTouch("200", "token-kim")});
  ASSERT_EQ(receiver.requests().size(), 1);
  const httplib::Request request = receiver.requests()[0];
  EXPECT_EQ(request.body, WebhookBody(MakeTouch("200", "token-kim"), true));
  const std::map<std::string, std::string> kHeaders = {
      {"Content-Type", "application/json"},
      {"webhook-id", "200"},
      {"Idempotency-Key", "200"},
      {"webhook-timestamp", "1769911260"},
      {"webhook-signature", WebhookSignature({kChannelSecret, kOldSecret},
                                             "200", 1769911260, request.body)},
      {"Expect", ""},
  };
  for (const auto& [name, value] : kHeaders) {
    EXPECT_EQ(request.get_header_value(name.c_str()), value) << name;
  }
}

TEST(WebhookAdapterTest, AnswersOfAReceiver) {
  Receiver receiver;
  const auto adapter = Open(receiver.url());
  const struct {
    std::string id, what, detail;
  } kRows[] = {
      {"200", "accepted", "HTTP 200"},
      {"204", "accepted", "HTTP 204"},
      {"302", "account", "HTTP 302: no: *** *** ***"},
      {"400", "bad_message", "HTTP 400: no: *** *** ***"},
      {"401", "account", "HTTP 401: no: *** *** ***"},
      {"403", "account", "HTTP 403: no: *** *** ***"},
      {"404", "account", "HTTP 404: no: *** *** ***"},
      {"408", "temporary", "HTTP 408: no: *** *** ***"},
      {"410", "account", "HTTP 410: no: *** *** ***"},
      {"413", "bad_message", "HTTP 413: no: *** *** ***"},
      {"422", "bad_message", "HTTP 422: no: *** *** ***"},
      {"425", "temporary", "HTTP 425: no: *** *** ***"},
      {"429", "temporary", "HTTP 429: no: *** *** ***"},
      {"500", "temporary", "HTTP 500: no: *** *** ***"},
      {"503", "temporary", "HTTP 503: no: *** *** ***"},
      {"huge", "accepted", "HTTP 200"},
  };
  std::vector<ClaimedTouch> touches;
  for (const auto& row : kRows) {
    touches.push_back(MakeTouch(row.id, "token-kim"));
  }
  const auto outcomes = SendAll(*adapter, touches);
  for (size_t i = 0; i < std::size(kRows); ++i) {
    EXPECT_EQ(What(outcomes[i]), kRows[i].what) << kRows[i].id;
    EXPECT_EQ(outcomes[i].detail, kRows[i].detail) << kRows[i].id;
    if (kRows[i].id != "huge") {
      EXPECT_EQ(outcomes[i].retry_after, std::chrono::seconds(120));
    }
  }
  EXPECT_EQ(receiver.requests().size(), touches.size()) << "none repeated";
}

TEST(WebhookAdapterTest, AGatewaysWordDependsOnTheReceiver) {
  for (const int status : {502, 504}) {
    HttpAnswer answer;
    answer.end = HttpEnd::kAnswered;
    answer.status = status;
    EXPECT_EQ(ClassifyHttp(answer, true), OutcomeClass::kTemporary);
    EXPECT_EQ(ClassifyHttp(answer, false), OutcomeClass::kUnknown);
  }
}

TEST(WebhookAdapterTest, AFailureWithoutAWordMayComeAfterTheMessageWasTaken) {
  const struct {
    int status;
    const char* body;
    OutcomeClass what;
  } kRows[] = {
      {500, "", OutcomeClass::kUnknown},
      {507, "", OutcomeClass::kUnknown},
      {500, "try again", OutcomeClass::kTemporary},
      {503, "", OutcomeClass::kTemporary},
      {429, "", OutcomeClass::kTemporary},
  };
  for (const auto& row : kRows) {
    HttpAnswer answer;
    answer.end = HttpEnd::kAnswered;
    answer.status = row.status;
    answer.body = row.body;
    EXPECT_EQ(ClassifyHttp(answer, false), row.what) << row.status << row.body;
    EXPECT_EQ(ClassifyHttp(answer, true), OutcomeClass::kTemporary);
  }
}

TEST(WebhookAdapterTest, NoAnswerIsUnknown) {
  Receiver receiver;
  const auto outcomes = SendAll(*Open(receiver.url()), {MakeTouch("hang")});
  EXPECT_EQ(What(outcomes[0]), "unknown");
  EXPECT_TRUE(outcomes[0].detail.starts_with("no answer: Operation timed out"))
      << outcomes[0].detail;
}

TEST(WebhookAdapterTest, ResetAfterTheBodyIsUnknown) {
  RawServer server([](int fd, int) {
    RawServer::ReadRequest(fd);
    RawServer::ResetOnClose(fd);
  });
  const auto outcomes = SendAll(*Open(server.url()), {MakeTouch("t1")});
  EXPECT_EQ(What(outcomes[0]), "unknown");
  EXPECT_EQ(outcomes[0].detail,
            "no answer: Recv failure: Connection reset by peer");
}

TEST(WebhookAdapterTest, WhatNeverLeft) {
  int port = 0;
  {
    RawServer gone([](int, int) {});
    port = gone.port();
  }
  const std::string url = "://127.0.0.1:" + std::to_string(port) + "/";
  const auto refused = SendAll(*Open("http" + url), {MakeTouch("t1")});
  EXPECT_EQ(What(refused[0]), "temporary");
  EXPECT_TRUE(refused[0].detail.starts_with("not sent: Failed to connect to"))
      << refused[0].detail;

  RawServer plain([](int fd, int) { RawServer::Write(fd, "hello\r\n"); });
  const auto untrusted =
      SendAll(*Open("https://127.0.0.1:" + std::to_string(plain.port()) + "/"),
              {MakeTouch("t1")});
  EXPECT_EQ(What(untrusted[0]), "account");
  EXPECT_TRUE(untrusted[0].detail.starts_with("not sent: "))
      << untrusted[0].detail;
}

TEST(WebhookAdapterTest, PrivateAddressesRefused) {
  Receiver receiver;
  setenv("HOOK_SECRET", "secret", 1);
  const auto channels =
      Channels("push: {type: webhook, url: '" + receiver.url() +
               "', secret: {env: HOOK_SECRET}, private_addresses: refuse}");
  ASSERT_EQ(channels.size(), 1);
  const auto outcomes = SendAll(*channels[0].adapter, {MakeTouch("200")});
  EXPECT_EQ(What(outcomes[0]), "account");
  EXPECT_EQ(outcomes[0].detail,
            "not sent: the url leads to a private address, and "
            "private_addresses is refuse");
  EXPECT_TRUE(receiver.requests().empty());
}

TEST(WebhookAdapterTest, ManyTouches) {
  Receiver receiver;
  std::vector<ClaimedTouch> touches(200, MakeTouch("200"));
  for (const Outcome& outcome : SendAll(*Open(receiver.url()), touches)) {
    ASSERT_EQ(What(outcome), "accepted") << outcome.detail;
  }
  EXPECT_EQ(receiver.requests().size(), 200);
}

}  // namespace
}  // namespace rekindle

// Tests daemon/polling/channel_poll.cc against a provider on the loopback
// interface, its clocks moved by hand.
#include "daemon/polling/channel_poll.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <deque>
#include <future>
#include <thread>

#include "tests/support/failing_sync.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

class MovedClock : public Clock {
 public:
  Instant Now() const override { return FromMillis(at_.load()); }
  void Move(std::chrono::milliseconds by) { at_ += by.count(); }

 private:
  std::atomic<int64_t> at_ = 1772359200000;  // 2026-03-01T10:00:00Z
};

struct Said {
  int status = 200;
  std::string body = "[]";
  std::string retry_after;
  bool cut_short = false;  // before the body
};

// Says what it was told to, one after the other; then there is nothing new.
class Provider {
 public:
  Provider() {
    server_.Post(".*", [this](const httplib::Request& request,
                              httplib::Response& response) {
      std::lock_guard lock(mutex_);
      asked_ += request.path + request.body + " ";
      const Said said = answer(request);
      response.status = said.status;
      if (!said.retry_after.empty()) {
        response.set_header("Retry-After", said.retry_after);
      }
      if (said.cut_short) {
        response.set_content_provider(
            100, "application/json",
            [](size_t, size_t, httplib::DataSink&) { return false; });
        return;
      }
      response.set_content(said.body, "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Provider() {
    server_.stop();
    thread_.join();
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }
  // What it was asked since the last call.
  std::string Asked() {
    std::lock_guard lock(mutex_);
    return std::exchange(asked_, "");
  }

  std::deque<Said> says;
  std::function<Said(const httplib::Request&)> answer = [this](const auto&) {
    if (says.empty()) return Said();
    const Said said = says.front();
    says.pop_front();
    return said;
  };

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::string asked_;
};

class ChannelPollTest : public ::testing::Test {
 protected:
  // `poll` is what follows the provider's url.
  void Open(const std::string& poll) {
    Configure(poll);
    yaml::Diagnostics d;
    auto configuration = LoadConfiguration(dir_ / "rekindle.yaml", d);
    ASSERT_TRUE(configuration) << d.Render();
    auto session = Session::Open(configuration, clock_);
    ASSERT_TRUE(session) << session.error().message;
    session_ = std::move(*session);
    committer_ = std::make_unique<ReceiptCommitter>(session_->engine(), clock_);
    poll_ = std::make_unique<ChannelPoll>(*session_, *committer_, "sms", stop_);
  }
  void Configure(const std::string& poll) {
    setenv("POLL_KEY", "hidden-key", 1);
    dir_.Write("rekindle.yaml",
               "data_dir: data\n"
               "channels:\n"
               "  sms:\n"
               "    type: http\n"
               "    url: \"http://127.0.0.1:1/\"\n"
               "    address_field: phone\n"
               "    receipts: {id: /id, state: /is, poll: {url: \"" +
                   provider_.url() + poll + "}}\n");
  }

  // Sends a touch to each, whose provider's id is "p-" and the user's.
  void Send(std::initializer_list<const char*> users) {
    Engine& engine = session_->engine();
    std::vector<Touch> touches;
    for (const char* user : users) {
      ASSERT_TRUE(engine.PutUser(
          user, std::string(R"({"phone":"+861380013800)") + user + "\"}"));
      Touch touch;
      touch.rule_id = "wake";
      touch.user = engine.users().Find(user);
      touch.slot = touch.planned_at = touch.due_at = clock_.Now();
      touch.expires_at = touch.due_at + 24h;
      touch.contents = {{"sms", {{"text", "Hello"}}}};
      touch.touch_id = TouchIdOf("wake", user, touch.slot, 0);
      touches.push_back(touch);
    }
    Ledger& ledger = engine.ledger();
    engine.store().Write(
        [&](SQLite::Database& db) { ledger.Insert(db, touches); });
    std::vector<ClaimedTouch> claimed;
    {
      const auto facts = engine.At(clock_.Now());
      claimed = ledger.Claim({"sms", "phone", false}, *facts,
                             Consents(facts->settings()), {"wake"}, 100);
    }
    EXPECT_EQ(claimed.size(), users.size());
    for (const ClaimedTouch& touch : claimed) {
      AttemptResult result;
      result.touch_id = touch.touch_id;
      result.provider_id = "p-" + touch.user_id;
      ledger.Record({&result, 1}, clock_.Now());
    }
  }
  std::string States() {
    std::map<std::string, std::string> states;
    for (const TouchRow& row : session_->engine().ledger().Touches({})) {
      states[row.user_id] = TouchStateName(row.state);
    }
    std::string text;
    for (const auto& [user, state] : states) text += user + " " + state + "; ";
    return text;
  }

  // Lines of all files of them.
  int64_t DeadLetters() {
    int64_t lines = 0;
    const auto folder = dir_.path() / "data" / "dead_letter";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(file.path());
      lines += std::count(std::istreambuf_iterator<char>(in), {}, '\n');
    }
    return lines;
  }

  void Pass(std::chrono::milliseconds time) {
    now_ += time;
    clock_.Move(time);
  }
  // Works, and gives after how many seconds it wants to again.
  int64_t Work() {
    return std::chrono::floor<std::chrono::seconds>(poll_->Work(now_) - now_)
        .count();
  }
  std::string Log() {
    std::string text = log_.str();
    log_.str("");
    return text;
  }

  void SetUp() override {
    logger_ = spdlog::default_logger();
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log_);
    sink->set_pattern("%l: %v");
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("captured", sink));
  }
  void TearDown() override {
    poll_.reset();
    committer_.reset();
    session_.reset();
    spdlog::set_default_logger(logger_);
  }

  std::ostringstream log_;
  std::shared_ptr<spdlog::logger> logger_;
  testing::TempDir dir_;
  Provider provider_;
  MovedClock clock_;
  ChannelPoll::Time now_{1h};
  StopSignal stop_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<ReceiptCommitter> committer_;
  std::unique_ptr<ChannelPoll> poll_;
};

constexpr char kPull[] = R"(/pull", text: new, every: 5 minutes)";
constexpr char kEach[] = R"(/of/{{provider_id}}", every: 1 minute)";

TEST_F(ChannelPollTest, TakesWhatThereIsAtOnceAndThenEverySoOften) {
  Open(kPull);
  Send({"1", "2", "3"});
  provider_.says = {{200, R"([{"id":"p-1","is":"delivered"}])", ""},
                    {200, R"([{"id":"p-2","is":"bounced"}])", ""}};
  EXPECT_EQ(Work(), 300);
  EXPECT_EQ(provider_.Asked(), "/pullnew /pullnew /pullnew ");
  EXPECT_EQ(States(), "1 delivered; 2 bounced; 3 accepted; ");
  Pass(299s);
  EXPECT_EQ(Work(), 1);
  EXPECT_EQ(provider_.Asked(), "");
  Pass(1s);
  provider_.says = {{204, "", ""}};
  EXPECT_EQ(Work(), 300);
  EXPECT_EQ(provider_.Asked(), "/pullnew ");
  EXPECT_EQ(poll_->stats().asked[0], 4);
  EXPECT_EQ(poll_->stats().receipts, 2);
  EXPECT_EQ(Log(), "");
}

TEST_F(ChannelPollTest, AnAnswerThatRepeatsItselfIsTakenOnce) {
  Open(kPull);
  Send({"1"});
  provider_.answer = [](const auto&) {
    return Said{200,
                R"([{"id":"p-1","is":"opened"},{"is":"delivered"}, 
                    {"id":"p-1","is":"delivered"}])",
                ""};
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Work(), 300);
    EXPECT_EQ(provider_.Asked(), "/pullnew /pullnew ");
    Pass(5min);
  }
  EXPECT_EQ(States(), "1 opened; ");
  const ReceiptStats& stats = committer_->stats();
  EXPECT_EQ(stats.of(ReceiptFate::kTaken), 2);
  EXPECT_EQ(stats.of(ReceiptFate::kRepeated), 10);
  EXPECT_EQ(stats.refused, 1) << "no dead letter each time";
}

TEST_F(ChannelPollTest, TellsAFailureOnceUntilItChanges) {
  Open(R"(/pull/{{secret.key}}", text: new, secrets: {key: {env: POLL_KEY}})");
  const Said busy{503, "hidden-key is not served", ""};
  provider_.says = {busy, busy, {200, "<html>", ""}, {200, "<html>", ""}, {}};
  const auto again = [&] {
    EXPECT_EQ(Work(), 60);
    Pass(61s);
  };
  again();
  EXPECT_TRUE(poll_->stats().failing);
  EXPECT_EQ(Log(),
            "error: channel sms: asking for receipts: HTTP 503: *** is not "
            "served; trying again\n");
  again();
  EXPECT_EQ(Log(), "");
  again();
  EXPECT_EQ(Log(),
            "error: channel sms: asking for receipts: its answer cannot be "
            "read: the body is neither JSON nor a form: <html>; trying "
            "again\n");
  again();
  EXPECT_EQ(Log(), "");
  again();
  EXPECT_EQ(Log(), "info: channel sms: receipts can be asked for again\n");
  EXPECT_FALSE(poll_->stats().failing);
  EXPECT_EQ(poll_->stats().asked, (std::array<int64_t, 4>{1, 0, 2, 2}));
}

TEST_F(ChannelPollTest, LeavesAloneWhoAsksForIt) {
  Open(kPull);
  provider_.says = {{429, "", "3600"}};
  EXPECT_EQ(Work(), 3600);
  Pass(30min);
  session_->Reload();
  EXPECT_EQ(Work(), 1800) << "whatever is reloaded";
  EXPECT_EQ(provider_.Asked(), "/pullnew ");
}

TEST_F(ChannelPollTest, AsksAboutEachTouchAtItsAges) {
  Open(kEach);
  Send({"1", "2"});
  std::string asked;
  for (int minute = 0; minute < 20; ++minute) {
    EXPECT_EQ(Work(), 60);
    if (const std::string now = provider_.Asked(); !now.empty()) {
      asked += std::to_string(minute) + " ";
    }
    Pass(1min);
  }
  EXPECT_EQ(asked, "1 3 7 15 ");
  EXPECT_EQ(poll_->stats().waiting, 2);

  provider_.answer = [](const httplib::Request& request) {
    return Said{200, request.path == "/of/p-2" ? R"({"is":"delivered"})" : "",
                ""};
  };
  Pass(20min);
  Work();
  EXPECT_EQ(States(), "1 accepted; 2 delivered; ")
      << "an answer need not name what the question did";
  provider_.Asked();
  Pass(48h);
  Work();
  EXPECT_EQ(provider_.Asked(), "/of/p-1 ");
  Pass(24h);
  Work();
  EXPECT_EQ(provider_.Asked(), "") << "given up";
  EXPECT_EQ(poll_->stats().waiting, 0);
}

TEST_F(ChannelPollTest, AsksByTheAddressThatWasWrittenTo) {
  Open(
      R"(/by", form: {to: "{{address}}", day: "{{sent_at | date: \"%Y%m%d\"}}"})");
  Send({"1", "2"});
  ASSERT_TRUE(session_->engine().PutUser("2", R"({"phone":"+8613900139000"})"));
  Pass(1min);
  Work();
  EXPECT_EQ(provider_.Asked(), "/byto=%2B8613800138001&day=20260301 ")
      << "not by the one the user has moved on to";
}

TEST_F(ChannelPollTest, ATouchTheProviderDoesNotKnowHoldsUpNoOther) {
  Open(kEach);
  Send({"1", "2", "3"});
  provider_.answer = [](const httplib::Request& request) {
    return request.path == "/of/p-3" ? Said{200, R"({"is":"delivered"})", ""}
                                     : Said{404, "none of ours", ""};
  };
  Pass(1min);
  EXPECT_EQ(Work(), 60);
  EXPECT_EQ(States(), "1 accepted; 2 accepted; 3 delivered; ");
  const std::string log = Log();
  EXPECT_NE(log.find("HTTP 404: none of ours; the same of others is not told "
                     "again"),
            log.npos)
      << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
  EXPECT_FALSE(poll_->stats().failing);
}

TEST_F(ChannelPollTest, ARoundGoesOnWhereItWasAfterAnOutage) {
  Open(R"(/of/{{provider_id}}", concurrency: 1)");
  Send({"1", "2", "3"});
  Pass(1min);
  provider_.says = {{200, R"({"is":"delivered"})", ""}, {503, "", "90"}};
  EXPECT_EQ(Work(), 90);
  EXPECT_EQ(provider_.Asked(), "/of/p-1 /of/p-2 ");
  Pass(91s);
  EXPECT_EQ(Work(), 60);
  EXPECT_EQ(provider_.Asked(), "/of/p-2 /of/p-3 ");
}

// Whether it tells that it is overloaded or nothing at all: no touch misses its
// turn.
TEST_F(ChannelPollTest, AnOutageOfAnyLengthPassesNoTouchOver) {
  for (const Said& trouble :
       {Said{429, "", ""}, Said{503, "", ""}, Said{200, "", "", true}}) {
    TearDown();
    SetUp();
    std::filesystem::remove_all(dir_ / "data");
    Open(R"(/of/{{provider_id}}", concurrency: 1)");
    Send({"1", "2", "3"});
    Pass(31min);  // the next of their ages is 63
    for (int i = 0; i < 7; ++i) {
      provider_.says = {trouble};
      EXPECT_EQ(Work(), 60) << trouble.status;
      Pass(61s);
    }
    EXPECT_TRUE(poll_->stats().failing);
    provider_.Asked();
    provider_.says.clear();
    Work();
    const std::string asked = provider_.Asked();
    for (const char* touch : {"/of/p-1 ", "/of/p-2 ", "/of/p-3 "}) {
      EXPECT_NE(asked.find(touch), asked.npos) << trouble.status << touch;
    }
    EXPECT_FALSE(poll_->stats().failing);
  }
}

TEST_F(ChannelPollTest, ATouchThatIsNeverAnsweredHoldsUpNoOther) {
  Open(R"(/of/{{provider_id}}", concurrency: 1)");
  Send({"1", "2", "3"});
  provider_.answer = [](const httplib::Request& request) {
    return request.path == "/of/p-1" ? Said{500, "", ""}
                                     : Said{200, R"({"is":"delivered"})", ""};
  };
  std::string asked;
  for (int minute = 0; minute < 6; ++minute) {
    Pass(61s);
    Work();
    asked += provider_.Asked() + "| ";
  }
  EXPECT_EQ(asked,
            "/of/p-1 | /of/p-2 /of/p-3 /of/p-1 | | /of/p-1 | /of/p-1 | | ");
  EXPECT_EQ(States(), "1 accepted; 2 delivered; 3 delivered; ");
}

TEST_F(ChannelPollTest, AnAnswerThatCannotBeReadHoldsUpNoOther) {
  Open(kEach);
  Send({"1", "2", "3"});
  provider_.answer = [](const httplib::Request& request) {
    return Said{200,
                request.path == "/of/p-3" ? R"({"is":"delivered"})" : "<html>",
                ""};
  };
  Pass(1min);
  EXPECT_EQ(Work(), 60);
  EXPECT_EQ(States(), "1 accepted; 2 accepted; 3 delivered; ");
  const std::string log = Log();
  EXPECT_NE(log.find("its answer cannot be read"), log.npos) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST_F(ChannelPollTest, ARoundThatIsToReachBackFurtherBeginsAnew) {
  Open(R"(/of/{{provider_id}}", concurrency: 1, give_up_after: 1 hour)");
  Send({"1"});
  Pass(2h);
  Send({"2"});
  Pass(1min);
  provider_.says = {{503, "", ""}};
  Work();
  EXPECT_EQ(provider_.Asked(), "/of/p-2 ");
  Configure(R"(/of/{{provider_id}}", concurrency: 1, give_up_after: 1 day)");
  ASSERT_TRUE(session_->Reload().ok);
  Pass(61s);
  Work();
  EXPECT_EQ(provider_.Asked(), "/of/p-1 /of/p-2 ");
}

TEST_F(ChannelPollTest, ClocksThatAreSetPassNothingOver) {
  Open(kEach);
  Send({"1"});
  Work();
  clock_.Move(365 * 24h);
  Pass(1min);
  Work();
  EXPECT_EQ(provider_.Asked(), "") << "too long ago, as it seems";
  clock_.Move(-365 * 24h);
  Pass(1min);
  Work();
  EXPECT_EQ(provider_.Asked(), "/of/p-1 ");
  clock_.Move(-1h);
  Pass(1min);
  Work();
  EXPECT_EQ(provider_.Asked(), "");
}

TEST_F(ChannelPollTest, WhatCannotBeWrittenIsKeptAndWrittenAgain) {
  Open(kPull);
  Send({"1"});
  provider_.says = {
      {200, R"([{"id":"p-1","is":"delivered"},{"id":"p-1"}])", ""}};
  {
    testing::FailingSync no_disk;
    EXPECT_EQ(Work(), 5);
    EXPECT_EQ(Work(), 5);
    EXPECT_EQ(provider_.Asked(), "/pullnew ") << "nothing else meanwhile";
  }
  Work();
  EXPECT_EQ(States(), "1 delivered; ");
  EXPECT_EQ(DeadLetters(), 1) << "once, however often it was tried";
}

TEST_F(ChannelPollTest, AReloadChangesItAndEndsIt) {
  Open(kPull);
  EXPECT_EQ(Work(), 300);
  Configure(R"(/other", text: new, every: 2 minutes)");
  ASSERT_TRUE(session_->Reload().ok);
  EXPECT_EQ(Work(), 120);
  Pass(2min);
  provider_.Asked();
  EXPECT_EQ(Work(), 120);
  EXPECT_EQ(provider_.Asked(), "/othernew ");
  dir_.Write("rekindle.yaml", "data_dir: data\n");
  ASSERT_TRUE(session_->Reload().ok);
  Pass(1h);
  EXPECT_EQ(Work(), 3600);
  EXPECT_EQ(provider_.Asked(), "");
}

TEST_F(ChannelPollTest, AStopWaitsForNoSlowProvider) {
  Open(kPull);
  std::promise<void> asked, end;
  provider_.answer = [&asked, over = end.get_future().share()](const auto&) {
    asked.set_value();
    over.wait_for(60s);
    return Said();
  };
  std::thread stopper([&] {
    asked.get_future().wait();
    stop_.Stop();
  });
  const auto began = std::chrono::steady_clock::now();
  Work();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  end.set_value();
  stopper.join();
  EXPECT_EQ(Log(), "");
}

}  // namespace
}  // namespace rekindle

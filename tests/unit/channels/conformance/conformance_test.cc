// What every adapter owes the dispatcher (channels/adapter/adapter.h), over each of
// them with a peer of its own.
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "tests/unit/channels/channel_test.h"
#include "tests/unit/channels/conformance/peer.h"

namespace rekindle::conformance {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

struct Row {
  const char* name;
  std::unique_ptr<Subject> (*make)();
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class ConformanceTest : public ::testing::TestWithParam<Row> {
 protected:
  ConformanceTest() : subject_(GetParam().make()) {}
  // A touch for each behavior that can happen, in order.
  std::vector<ClaimedTouch> OneOfEach() {
    std::vector<ClaimedTouch> touches;
    for (const std::string& behavior : Behaviors()) {
      if (subject_->Expected().contains(behavior)) {
        touches.push_back(subject_->Touch(behavior, 0));
      }
    }
    return touches;
  }
  static std::string BehaviorOf(const ClaimedTouch& touch) {
    return touch.touch_id.substr(4, touch.touch_id.rfind('-') - 4);
  }
  std::unique_ptr<Subject> subject_;
};

TEST_P(ConformanceTest, EveryAnswerHasItsClass) {
  const auto adapter = subject_->Open();
  const auto expected = subject_->Expected();
  const auto touches = OneOfEach();
  ASSERT_EQ(touches.size(), expected.size()) << "a behavior is unknown";
  const auto outcomes = SendAll(*adapter, touches);
  for (size_t i = 0; i < touches.size(); ++i) {
    const std::string behavior = BehaviorOf(touches[i]);
    EXPECT_EQ(What(outcomes[i]), expected.at(behavior))
        << behavior << ": " << outcomes[i].detail;
  }
}

TEST_P(ConformanceTest, OneMessageHarmsNoOther) {
  const auto adapter = subject_->Open();
  std::vector<ClaimedTouch> touches;
  for (int n = 0; n < 3; ++n) {
    for (const ClaimedTouch& touch : OneOfEach()) {
      touches.push_back(subject_->Touch(BehaviorOf(touch), n));
      touches.push_back(
          subject_->Touch("accept", 100 + static_cast<int>(touches.size())));
    }
  }
  const auto outcomes = SendAll(*adapter, touches);
  for (size_t i = 1; i < touches.size(); i += 2) {
    EXPECT_EQ(What(outcomes[i]), "accepted")
        << "after " << BehaviorOf(touches[i - 1]) << ": " << outcomes[i].detail;
  }
}

TEST_P(ConformanceTest, NothingArrivesMoreThanOnceASend) {
  const auto adapter = subject_->Open();
  SendAll(*adapter, OneOfEach());
  std::vector<std::string> keys = subject_->Keys();
  ASSERT_FALSE(keys.empty());
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST_P(ConformanceTest, AnotherAttemptCarriesTheSameKey) {
  const auto adapter = subject_->Open();
  ClaimedTouch touch = subject_->Touch("accept", 7);
  SendAll(*adapter, {touch});
  touch.attempt = 2;
  SendAll(*adapter, {touch});
  for (const std::string& key : subject_->Keys())
    EXPECT_EQ(key, touch.touch_id);
  EXPECT_GE(subject_->Keys().size(), 1);
}

TEST_P(ConformanceTest, NobodyThereMeansThatNothingLeft) {
  const auto adapter = subject_->OpenDeserted();
  const auto outcomes = SendAll(*adapter, {subject_->Touch("accept", 0)});
  EXPECT_TRUE(What(outcomes[0]) == "temporary" ||
              What(outcomes[0]) == "account")
      << What(outcomes[0]) << ": " << outcomes[0].detail;
}

TEST_P(ConformanceTest, CancelledUnderWay) {
  if (!subject_->Expected().contains("silence")) GTEST_SKIP();
  const auto adapter = subject_->Open();
  ListOutbox outbox({subject_->Touch("silence", 0)});
  std::thread canceller([&] {
    while (subject_->Keys().empty()) std::this_thread::sleep_for(1ms);
    outbox.Cancel();
  });
  adapter->Send(outbox);
  canceller.join();
  EXPECT_EQ(What(outbox.Outcomes()[0]), "unknown") << "it had arrived";
}

TEST_P(ConformanceTest, GoesOnAfterTrouble) {
  const auto adapter = subject_->Open();
  SendAll(*adapter, OneOfEach());
  const auto outcomes = SendAll(*adapter, {subject_->Touch("accept", 9)});
  EXPECT_EQ(What(outcomes[0]), "accepted") << outcomes[0].detail;
}

TEST_P(ConformanceTest, NothingToSend) { SendAll(*subject_->Open(), {}); }

// The peer repeats the secret and the address; neither may be told on.
TEST_P(ConformanceTest, SecretsStayOnTheWire) {
  std::ostringstream log;
  const auto logger = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  spdlog::set_level(spdlog::level::trace);
  std::string told;
  for (const auto& adapter : {subject_->Open(), subject_->OpenDeserted()}) {
    for (const Outcome& outcome : SendAll(*adapter, OneOfEach())) {
      told += outcome.detail + "\n" + outcome.provider_id + "\n";
    }
  }
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::info);
  told += log.str();
  EXPECT_EQ(told.find(kSecret), told.npos) << told;
  EXPECT_EQ(told.find(kAddressCanary), told.npos) << told;
}

INSTANTIATE_TEST_SUITE_P(Adapters, ConformanceTest,
                         ::testing::Values(Row{"webhook", MakeWebhookSubject},
                                           Row{"http", MakeHttpSubject},
                                           Row{"smtp", MakeSmtpSubject},
                                           Row{"file", MakeFileSubject}),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace rekindle::conformance

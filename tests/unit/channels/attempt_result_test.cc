#include "channels/attempt_result.h"

#include <gtest/gtest.h>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

TEST(BackedOffTest, IsFullJitter) {
  const RetrySettings retry;
  for (int tries = 1; tries <= 40; ++tries) {
    const auto most = std::min<std::chrono::milliseconds>(
        5min, 1s * (int64_t{1} << std::min(tries - 1, 20)));
    std::chrono::milliseconds sum{0}, least = most, longest{0};
    constexpr int kTouches = 1000;
    for (int i = 0; i < kTouches; ++i) {
      ClaimedTouch touch = MakeTouch("t" + std::to_string(i));
      touch.attempt = touch.tries = tries;
      const auto delay = BackedOff(touch, retry, kSlot) - kSlot;
      ASSERT_GT(delay, 0ms) << "a clock that stands still would loop";
      ASSERT_LE(delay, most + 1ms);
      sum += delay;
      least = std::min(least, delay);
      longest = std::max(longest, delay);
    }
    EXPECT_LT(least, most / 20) << tries;
    EXPECT_GT(longest, most * 19 / 20) << tries;
    EXPECT_NEAR(sum.count() / kTouches, most.count() / 2.0, most.count() * 0.05)
        << tries;
  }
}

TEST(BackedOffTest, IsTheSameEachTime) {
  const ClaimedTouch touch = MakeTouch("t1");
  EXPECT_EQ(BackedOff(touch, {}, kSlot), BackedOff(touch, {}, kSlot));
}

TEST(BackedOffTest, KeepsToTheSettings) {
  ClaimedTouch touch = MakeTouch("t1");
  touch.tries = 30;
  EXPECT_LE(BackedOff(touch, {1s, 2s}, kSlot), kSlot + 2001ms);
}

TEST(AttemptResultTest, EveryOutcome) {
  DeliverySettings settings;
  settings.cost = 50'000;
  settings.retry.tries = 3;
  const struct {
    Outcome outcome;
    int tries;
    TouchState state;
    std::string reason;
    std::optional<Instant> again;
    int64_t cost;
  } kRows[] = {
      {{OutcomeClass::kAccepted}, 1, TouchState::kAccepted, "", {}, 50'000},
      {{OutcomeClass::kDeadRecipient},
       1,
       TouchState::kFailed,
       "dead_recipient",
       {},
       0},
      {{OutcomeClass::kBadMessage},
       1,
       TouchState::kFailed,
       "bad_message",
       {},
       0},
      {{OutcomeClass::kUnknown}, 1, TouchState::kUnknown, "unknown", {}, 0},
      {{OutcomeClass::kTemporary, "", "", 7min},
       2,
       TouchState::kPlanned,
       "temporary",
       kSlot + 7min,
       0},
      {{OutcomeClass::kTemporary, "", "", 7min},
       3,
       TouchState::kFailed,
       "temporary",
       {},
       0},
      {{OutcomeClass::kTemporary, "", "", 48h},
       1,
       TouchState::kPlanned,
       "temporary",
       kSlot + 24h + 1ms,
       0},
      {{OutcomeClass::kAccount},
       9,
       TouchState::kPlanned,
       "account",
       kSlot + 5min,
       0},
      {{OutcomeClass::kAccount, "", "", 1h},
       9,
       TouchState::kPlanned,
       "account",
       kSlot + 1h,
       0},
  };
  for (const auto& row : kRows) {
    ClaimedTouch touch = MakeTouch("t1");
    touch.tries = row.tries;
    touch.row = 7;
    const AttemptResult result = ResultOf(touch, row.outcome, settings, kSlot);
    const std::string where = row.reason + " try " + std::to_string(row.tries);
    EXPECT_EQ(result.state, row.state) << where;
    EXPECT_EQ(result.reason, row.reason) << where;
    EXPECT_EQ(result.try_again_at, row.again) << where;
    EXPECT_EQ(result.cost, row.cost) << where;
    EXPECT_EQ(result.row, 7) << where;
  }
}

}  // namespace
}  // namespace rekindle

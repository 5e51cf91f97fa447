#include "channels/batch_recorder.h"

#include <gtest/gtest.h>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;
using namespace std::chrono_literals;

TEST(BackedOffTest, IsFullJitter) {
  for (int attempt = 1; attempt <= 40; ++attempt) {
    const auto most = std::min<std::chrono::milliseconds>(
        5min, 1s * (int64_t{1} << std::min(attempt - 1, 20)));
    std::chrono::milliseconds sum{0}, least = most, longest{0};
    constexpr int kTouches = 1000;
    for (int i = 0; i < kTouches; ++i) {
      ClaimedTouch touch = MakeTouch("t" + std::to_string(i));
      touch.attempt = attempt;
      const auto delay = BackedOff(touch, kSlot) - kSlot;
      ASSERT_GT(delay, 0ms) << "a clock that stands still would loop";
      ASSERT_LE(delay, most + 1ms);
      sum += delay;
      least = std::min(least, delay);
      longest = std::max(longest, delay);
    }
    EXPECT_LT(least, most / 20) << attempt;
    EXPECT_GT(longest, most * 19 / 20) << attempt;
    EXPECT_NEAR(sum.count() / kTouches, most.count() / 2.0, most.count() * 0.05)
        << attempt;
  }
}

TEST(BackedOffTest, IsTheSameEachTime) {
  const ClaimedTouch touch = MakeTouch("t1");
  EXPECT_EQ(BackedOff(touch, kSlot), BackedOff(touch, kSlot));
}

}  // namespace
}  // namespace rekindle

#include "engine/journal/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace rekindle {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Works as long as that, then rests; how long that took altogether.
Clock::duration WorkAndRest(milliseconds work, double time_left) {
  Pacer pacer;
  const auto begin = Clock::now();
  while (Clock::now() - begin < work) {
  }
  pacer.Rest(time_left);
  return Clock::now() - begin;
}

TEST(PacerTest, RestsFiveTimesAsLongAsAStepTook) {
  EXPECT_GE(WorkAndRest(milliseconds(4), 1), milliseconds(4 * 6));
}

TEST(PacerTest, RestsShorterWhereLessTimeIsLeft) {
  EXPECT_GE(WorkAndRest(milliseconds(4), 0.5), milliseconds(4 * 3));
}

// Of several tries one is not disturbed.
TEST(PacerTest, DoesNotRestWhereItIsWaitedFor) {
  auto shortest = Clock::duration::max();
  for (int i = 0; i < 50; ++i) {
    shortest = std::min(shortest, WorkAndRest(milliseconds(4), 0));
  }
  EXPECT_LT(shortest, milliseconds(4 * 3));
}

}  // namespace
}  // namespace rekindle

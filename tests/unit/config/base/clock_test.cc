#include "config/base/clock.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(Clock, FixedStandsStill) {
  FixedClock clock(FromMillis(1770000000123));
  EXPECT_EQ(ToMillis(clock.Now()), 1770000000123);
}

TEST(Clock, SystemGoesOn) {
  SystemClock clock;
  Instant before = clock.Now();
  EXPECT_GT(before, FromMillis(1700000000000));
  EXPECT_GE(clock.Now(), before);
}

}  // namespace
}  // namespace rekindle

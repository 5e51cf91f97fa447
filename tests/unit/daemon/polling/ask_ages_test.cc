#include "daemon/polling/ask_ages.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

TEST(AskAges, DistancesDoubleUpToADay) {
  std::string ages;
  for (auto age = 1min; age <= 4 * 24h; age += 1min) {
    if (AskedBetween(age - 1min, age, 1min)) {
      ages += std::to_string(age.count()) + " ";
    }
  }
  EXPECT_EQ(ages, "1 3 7 15 31 63 127 255 511 1023 2047 3487 4927 ");
}

TEST(AskAges, AnIntervalThatHoldsSeveralIsOne) {
  EXPECT_TRUE(AskedBetween(0min, 3 * 24h, 5min));
  EXPECT_FALSE(AskedBetween(0min, 4min, 5min)) << "too young";
  EXPECT_TRUE(AskedBetween(4min, 5min, 5min));
  EXPECT_FALSE(AskedBetween(5min, 14min, 5min));
  EXPECT_FALSE(AskedBetween(5min, 5min, 5min));
  EXPECT_FALSE(AskedBetween(-9min, -1min, 1min)) << "sent in the future";
}

}  // namespace
}  // namespace rekindle

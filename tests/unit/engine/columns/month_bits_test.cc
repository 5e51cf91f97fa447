#include "engine/columns/month_bits.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

LocalDay Day(int y, unsigned m, unsigned d) {
  return std::chrono::local_days{std::chrono::year(y) / m / d};
}

TEST(MonthBitsTest, BitsOfARange) {
  const int32_t february = MonthOf(Day(2020, 2, 1));  // 29 days
  struct Row {
    LocalDay first, last;
    uint32_t bits;
  };
  const Row rows[] = {
      {Day(2020, 2, 1), Day(2020, 2, 1), 1},
      {Day(2020, 2, 29), Day(2020, 2, 29), 1u << 28},
      {Day(2020, 2, 1), Day(2020, 2, 29), (1u << 29) - 1},
      {Day(1900, 1, 1), Day(2100, 1, 1), (1u << 29) - 1},
      {Day(2020, 2, 2), Day(2020, 2, 4), 0b1110},
      {Day(2020, 1, 20), Day(2020, 2, 2), 0b11},
      {Day(2020, 2, 28), Day(2020, 3, 9), 0b11u << 27},
      {Day(2020, 3, 1), Day(2020, 3, 9), 0},
      {Day(2020, 1, 1), Day(2020, 1, 31), 0},
      {Day(2020, 2, 4), Day(2020, 2, 2), 0},  // empty
  };
  for (const Row& row : rows) {
    EXPECT_EQ(BitsIn(february, {row.first, row.last}), row.bits)
        << FormatDay(row.first) << " to " << FormatDay(row.last);
  }
  const int32_t january = february - 1;
  EXPECT_EQ(BitsIn(january, {Day(2020, 1, 1), Day(2020, 1, 31)}),
            (1u << 31) - 1);
}

TEST(MonthBitsTest, LastDay) {
  const int32_t month = MonthOf(Day(2021, 12, 5));
  EXPECT_EQ(LastDayIn(month, 1), Day(2021, 12, 1));
  EXPECT_EQ(LastDayIn(month, 0b1011), Day(2021, 12, 4));
  EXPECT_EQ(LastDayIn(month, 1u << 30), Day(2021, 12, 31));
}

}  // namespace
}  // namespace rekindle

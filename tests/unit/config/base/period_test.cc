// Natural days, weeks and months as numbers (calendar.h).
#include <gtest/gtest.h>

#include "config/base/calendar.h"

namespace rekindle {
namespace {

LocalDay Day(const char* text) {
  return Calendar::Utc().ParseMoment(text)->day;
}

TEST(Period, NumbersAndNames) {
  struct {
    const char* day;
    PeriodUnit unit;
    int32_t number;
    const char* name;
    const char* first;
    const char* last;
  } rows[] = {
      {"1970-01-01", PeriodUnit::kMonth, 0, "1970-01", "1970-01-01",
       "1970-01-31"},
      {"1969-12-31", PeriodUnit::kMonth, -1, "1969-12", "1969-12-01",
       "1969-12-31"},
      {"1968-12-31", PeriodUnit::kMonth, -13, "1968-12", "1968-12-01",
       "1968-12-31"},
      {"2024-02-29", PeriodUnit::kMonth, 649, "2024-02", "2024-02-01",
       "2024-02-29"},
      {"2026-12-31", PeriodUnit::kMonth, 683, "2026-12", "2026-12-01",
       "2026-12-31"},
      {"1970-01-01", PeriodUnit::kWeek, 0, "1970-W01", "1969-12-29",
       "1970-01-04"},
      {"1969-12-28", PeriodUnit::kWeek, -1, "1969-W52", "1969-12-22",
       "1969-12-28"},
      {"2026-02-14", PeriodUnit::kWeek, 2928, "2026-W07", "2026-02-09",
       "2026-02-15"},
      {"2021-01-03", PeriodUnit::kWeek, 2661, "2020-W53", "2020-12-28",
       "2021-01-03"},
      {"2024-12-30", PeriodUnit::kWeek, 2870, "2025-W01", "2024-12-30",
       "2025-01-05"},
      {"2026-02-14", PeriodUnit::kDay, 20498, "2026-02-14", "2026-02-14",
       "2026-02-14"},
      {"1969-12-31", PeriodUnit::kDay, -1, "1969-12-31", "1969-12-31",
       "1969-12-31"},
  };
  for (const auto& row : rows) {
    int32_t period = PeriodOf(Day(row.day), row.unit);
    EXPECT_EQ(period, row.number) << row.day;
    EXPECT_EQ(PeriodName(period, row.unit), row.name) << row.day;
    EXPECT_EQ(FormatDay(FirstDayOf(period, row.unit)), row.first) << row.day;
    EXPECT_EQ(FormatDay(LastDayOf(period, row.unit)), row.last) << row.day;
  }
}

TEST(Period, EveryDayIsInExactlyOne) {
  for (PeriodUnit unit :
       {PeriodUnit::kDay, PeriodUnit::kWeek, PeriodUnit::kMonth}) {
    for (int32_t n = -40000; n < 40000; ++n) {
      LocalDay day = DayFromNumber(n);
      int32_t period = PeriodOf(day, unit);
      ASSERT_LE(FirstDayOf(period, unit), day) << n;
      ASSERT_GE(LastDayOf(period, unit), day) << n;
      bool begins = FirstDayOf(period, unit) == day;
      ASSERT_EQ(PeriodOf(DayFromNumber(n - 1), unit),
                begins ? period - 1 : period)
          << n;
    }
  }
}

TEST(Period, UnitWords) {
  for (PeriodUnit unit :
       {PeriodUnit::kDay, PeriodUnit::kWeek, PeriodUnit::kMonth}) {
    EXPECT_EQ(ParsePeriodUnit(PeriodUnitName(unit)), unit);
  }
  EXPECT_EQ(ParsePeriodUnit("months"), std::nullopt);
  EXPECT_EQ(ParsePeriodUnit(""), std::nullopt);
}

}  // namespace
}  // namespace rekindle

#include "config/base/duration.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(Duration, ParsesAndFormats) {
  struct {
    const char* text;
    Duration duration;
    const char* formatted;
  } rows[] = {
      {"1 minute", {1, DurationUnit::kMinute}, "1 minute"},
      {"90 minutes", {90, DurationUnit::kMinute}, "90 minutes"},
      {"6 hours", {6, DurationUnit::kHour}, "6 hours"},
      {"1 days", {1, DurationUnit::kDay}, "1 day"},
      {"30 day", {30, DurationUnit::kDay}, "30 days"},
      {"2  weeks", {2, DurationUnit::kWeek}, "2 weeks"},
      {"1200 months", {1200, DurationUnit::kMonth}, "1200 months"},
      {"1 period", {1, DurationUnit::kPeriod}, "1 period"},
  };
  for (const auto& row : rows) {
    auto parsed = ParseDuration(row.text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, row.duration) << row.text;
    EXPECT_EQ(FormatDuration(*parsed), row.formatted) << row.text;
  }
}

TEST(Duration, SaysWhatIsWrong) {
  const std::string form =
      ": write a whole number and a unit, such as \"30 days\"";
  struct {
    const char* text;
    std::string why;
  } rows[] = {
      {"30 dayz", "; did you mean \"30 days\"?"},
      {"2 Months", "; did you mean \"2 months\"?"},
      {"1 mounth", "; did you mean \"1 months\"?"},
      {"5 fortnights",
       ": the unit must be minutes, hours, days, weeks, months or periods"},
      {"0 days", ": the number must be at least 1"},
      {"1201 months", ": it is longer than 100 years"},
      {"99999999999999 days", ": it is longer than 100 years"},
      {"-3 days", form},
      {"1.5 days", form},
      {"010 days", form},
      {"30days", form},
      {"30", form},
      {"30 ", form},
      {"30 days ", form},
      {" 30 days", form},
      {"days", form},
      {"", form},
  };
  for (const auto& row : rows) {
    auto parsed = ParseDuration(row.text);
    ASSERT_FALSE(parsed) << row.text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kUsage) << row.text;
    EXPECT_EQ(parsed.error().message,
              "\"" + std::string(row.text) + "\" is not a duration" + row.why);
  }
}

TEST(Duration, DaysBackAreNatural) {
  LocalDay as_of = Calendar::Utc().ParseMoment("2026-03-11")->day;
  struct {
    Duration duration;
    PeriodUnit period;
    const char* first;
  } rows[] = {
      {{1, DurationUnit::kDay}, PeriodUnit::kMonth, "2026-03-11"},
      {{30, DurationUnit::kDay}, PeriodUnit::kMonth, "2026-02-10"},
      {{1, DurationUnit::kWeek}, PeriodUnit::kMonth, "2026-03-09"},
      {{2, DurationUnit::kWeek}, PeriodUnit::kMonth, "2026-03-02"},
      {{1, DurationUnit::kMonth}, PeriodUnit::kDay, "2026-03-01"},
      {{3, DurationUnit::kMonth}, PeriodUnit::kDay, "2026-01-01"},
      {{4, DurationUnit::kMonth}, PeriodUnit::kDay, "2025-12-01"},
      {{2, DurationUnit::kPeriod}, PeriodUnit::kMonth, "2026-02-01"},
      {{2, DurationUnit::kPeriod}, PeriodUnit::kWeek, "2026-03-02"},
      {{2, DurationUnit::kPeriod}, PeriodUnit::kDay, "2026-03-10"},
  };
  for (const auto& row : rows) {
    DayRange range = DaysBack(row.duration, as_of, row.period);
    EXPECT_EQ(FormatDay(range.first), row.first)
        << FormatDuration(row.duration);
    EXPECT_EQ(range.last, as_of);
  }
}

TEST(Duration, RollsForward) {
  Calendar la = *Calendar::Load("America/Los_Angeles");
  Instant from = *la.ParseFrom("2026-03-07T10:00:00-08:00");
  struct {
    Duration duration;
    PeriodUnit period;
    const char* to;
  } rows[] = {
      {{30, DurationUnit::kMinute},
       PeriodUnit::kMonth,
       "2026-03-07T10:30:00-08:00"},
      {{24, DurationUnit::kHour},
       PeriodUnit::kMonth,
       "2026-03-08T11:00:00-07:00"},
      // 24 hours each, whatever the clocks do.
      {{1, DurationUnit::kDay},
       PeriodUnit::kMonth,
       "2026-03-08T11:00:00-07:00"},
      {{1, DurationUnit::kWeek},
       PeriodUnit::kMonth,
       "2026-03-14T11:00:00-07:00"},
      // Of the calendar: the same wall clock.
      {{1, DurationUnit::kMonth},
       PeriodUnit::kDay,
       "2026-04-07T10:00:00-07:00"},
      {{1, DurationUnit::kPeriod},
       PeriodUnit::kMonth,
       "2026-04-07T10:00:00-07:00"},
      {{1, DurationUnit::kPeriod},
       PeriodUnit::kWeek,
       "2026-03-14T10:00:00-07:00"},
      {{1, DurationUnit::kPeriod},
       PeriodUnit::kDay,
       "2026-03-08T10:00:00-07:00"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(la.Format(Forward(row.duration, from, la, row.period)), row.to)
        << FormatDuration(row.duration);
  }
  EXPECT_EQ(LengthOf({2, DurationUnit::kWeek}), std::chrono::hours(14 * 24));
  EXPECT_EQ(LengthOf({1, DurationUnit::kMonth}), std::nullopt);
  EXPECT_EQ(LengthOf({1, DurationUnit::kPeriod}), std::nullopt);
  EXPECT_EQ(RollBack({90, DurationUnit::kMinute}, from),
            from - std::chrono::minutes(90));
  EXPECT_EQ(RollBack({2, DurationUnit::kHour}, from),
            from - std::chrono::hours(2));
}

}  // namespace
}  // namespace rekindle

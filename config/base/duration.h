// `<integer> <unit>`: the durations of settings and rules (design.md 2.1).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/calendar.h"

namespace rekindle {

enum class DurationUnit { kMinute, kHour, kDay, kWeek, kMonth, kPeriod };

struct Duration {
  int count = 0;
  DurationUnit unit = DurationUnit::kDay;

  bool rolls() const {
    return unit == DurationUnit::kMinute || unit == DurationUnit::kHour;
  }
  friend bool operator==(const Duration&, const Duration&) = default;
};

// "30 days", "1 month", "6 hours". kUsage with what was expected otherwise;
// a count of 0 or less is refused.
Result<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(const Duration& duration);  // "30 days", "1 day"

// Of minutes, hours, days of 24 hours and weeks of 7 x 24 hours; nothing for
// months and periods, which have no length of their own.
std::optional<std::chrono::minutes> LengthOf(const Duration& duration);

struct DayRange {
  LocalDay first;
  LocalDay last;  // inclusive
  friend bool operator==(const DayRange&, const DayRange&) = default;
};

// Backwards from a day, natural and inclusive of it: N days are N local days
// with as_of's; N weeks, months (and periods) are natural ones with the
// current. REQUIRES: !duration.rolls().
DayRange DaysBack(const Duration& duration, LocalDay as_of, PeriodUnit period);

// Rolls forward: minutes, hours, days of 24 hours, weeks of 7 x 24 hours;
// months are calendar months of the zone, periods likewise.
Instant Forward(const Duration& duration, Instant from, const Calendar& zone,
                PeriodUnit period);

// Rolls backward by minutes and hours. REQUIRES: duration.rolls().
Instant RollBack(const Duration& duration, Instant from);

}  // namespace rekindle

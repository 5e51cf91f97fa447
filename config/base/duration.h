// `<integer> <unit>`: the durations of settings and rules (config/README.md,
// "Days and durations").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/calendar.h"
#include "config/base/phrase.h"

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

// "30 days", "1 month", "6 hours". For anything else, a count below 1 too,
// kUsage with what was expected.
Result<Duration> ParseDuration(std::string_view text);
Phrase PhraseOf(const Duration& duration);  // "30 days", "1 day", "0 days"
std::string FormatDuration(const Duration& duration);  // the same in English

// How long minutes, hours, days (24 hours) and weeks (7 x 24 hours) last;
// nothing for months and periods, whose length varies.
std::optional<std::chrono::minutes> LengthOf(const Duration& duration);

struct DayRange {
  LocalDay first;
  LocalDay last;  // inclusive
  friend bool operator==(const DayRange&, const DayRange&) = default;
};

// The days that a duration counted backwards from `as_of` covers, `as_of` being
// the last: N days are N local days; N weeks, months or periods are natural
// ones, the current one included. REQUIRES: !duration.rolls().
DayRange DaysBack(const Duration& duration, LocalDay as_of, PeriodUnit period);

// The instant a duration after `from`. Days are 24 hours, weeks 7 x 24 hours,
// months calendar months of the zone; a period is one by that zone's calendar.
Instant Forward(const Duration& duration, Instant from, const Calendar& zone,
                PeriodUnit period);

// The instant a duration of minutes or hours before `from`. REQUIRES:
// duration.rolls().
Instant RollBack(const Duration& duration, Instant from);

}  // namespace rekindle

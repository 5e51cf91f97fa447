// When a rule is due.
//
//   daily 10:00 | weekly mon,thu 10:00 | monthly 1 10:00 | monthly last 10:00
//   cron "0 10 * * 1" | every 5 minutes
//
// Times are those of the business zone. A wall-clock time that a clock change
// skips is due at the first instant after the gap; one that occurs twice is
// due at the first. `monthly 31` is due on the last day of shorter months.
// `every` counts from local midnight, by the time that really passed. Cron:
// five fields with names, lists, ranges, steps and @hourly @daily @weekly
// @monthly; when both day fields are restricted (do not begin with *), either
// suffices (crontab(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"

namespace rekindle {

// A value; thread-safe.
class Schedule {
 public:
  Schedule() = default;
  // kUsage with what was expected otherwise.
  static Result<Schedule> Parse(std::string_view text);

  // The latest due instant at or before `at`; nothing if there is none within
  // five years.
  std::optional<Instant> LatestDue(Instant at, const Calendar& zone) const;
  // The first due instant after `at`, likewise.
  std::optional<Instant> NextDue(Instant at, const Calendar& zone) const;

 private:
  // On which days, and at which minutes of a day it is due.
  struct Days {
    uint64_t days_of_month = 0;  // bit 1..31
    bool last_of_month = false;
    uint8_t weekdays = 0;  // bit 0 is Sunday
    uint16_t months = 0;   // bit 1..12
    bool either_day_field = false;
    bool clip_to_month = false;  // 31 -> the last day
  };
  static Result<Schedule> ParseDaily(std::string_view rest);
  static Result<Schedule> ParseWeekly(std::string_view rest);
  static Result<Schedule> ParseMonthly(std::string_view rest);
  static Result<Schedule> ParseCron(std::string_view rest);
  static Result<Schedule> ParseEvery(std::string_view rest);

  bool DueOn(LocalDay day) const;
  // The day's due instants, ascending.
  std::vector<Instant> DueAt(LocalDay day, const Calendar& zone) const;

  Days days_;
  std::vector<int> minutes_;  // of the day, ascending
  int every_ = 0;             // minutes from midnight to midnight; 0: minutes_
};

}  // namespace rekindle

// Instants, local days and periods: the only place that knows time zones.
//
// An Instant is a point on the UTC line (milliseconds). A LocalDay is a day of
// the business calendar without a zone; it is never shifted by one. Natural
// days, weeks (from Monday) and months are those of the business time zone,
// across daylight-saving changes too (config/README.md, "Days and durations").
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace rekindle {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using LocalDay = std::chrono::local_days;

inline int64_t ToMillis(Instant at) { return at.time_since_epoch().count(); }
inline Instant FromMillis(int64_t ms) {
  return Instant(std::chrono::milliseconds(ms));
}
// Days since 1970-01-01, for storage and arithmetic.
inline int32_t ToNumber(LocalDay day) {
  return static_cast<int32_t>(day.time_since_epoch().count());
}
inline LocalDay DayFromNumber(int32_t n) {
  return LocalDay(std::chrono::days(n));
}

// An instant, or a whole local day where the input gave only a date.
struct Moment {
  Instant at;           // for a bare date: the start of that local day
  LocalDay day;         // the local day it belongs to
  bool by_day = false;  // the input was a bare date
};

enum class PeriodUnit { kDay, kWeek, kMonth };
std::optional<PeriodUnit> ParsePeriodUnit(std::string_view word);
std::string_view PeriodUnitName(PeriodUnit unit);  // "day" "week" "month"

// A natural day, week or month, as a running number: months since 1970-01,
// weeks since the one that holds 1970-01-01 (1969-12-29), days since
// 1970-01-01. Differences of numbers are differences in periods.
int32_t PeriodOf(LocalDay day, PeriodUnit unit);
LocalDay FirstDayOf(int32_t period, PeriodUnit unit);
LocalDay LastDayOf(int32_t period, PeriodUnit unit);
// "2026-02", "2026-W07" (ISO 8601), "2026-02-14".
std::string PeriodName(int32_t period, PeriodUnit unit);

std::string FormatDay(LocalDay day);  // 2026-02-14

// Immutable after Load; cheap to copy; thread-safe.
class Calendar {
 public:
  static Calendar Utc();
  // kConfiguration for a name the zone database does not have.
  static Result<Calendar> Load(const std::string& zone_name);

  const std::string& zone_name() const;

  LocalDay DayOf(Instant at) const;
  // A stretch of instants around `at` that lie on its day, without a change of
  // the clock in it. Callers that need the days of millions of instants ask
  // once for each stretch.
  struct DaySpan {
    LocalDay day;
    Instant from, to;  // `to` is exclusive
  };
  DaySpan SpanOf(Instant at) const;
  // The first instant of the day; where midnight is skipped by a clock change,
  // the first instant that exists.
  Instant StartOf(LocalDay day) const;
  // The last millisecond of the day.
  Instant EndOf(LocalDay day) const;
  // Wall clock on that day. A time inside a gap becomes the first instant
  // after it; one that occurs twice is the first of the two.
  Instant At(LocalDay day, std::chrono::seconds since_midnight) const;
  // Wall-clock time of day at an instant.
  std::chrono::seconds TimeOfDay(Instant at) const;
  // Adds natural months (or days): same wall clock, day clipped to the month.
  Instant AddMonths(Instant at, int months) const;
  Instant AddDays(Instant at, int days) const;

  // Reads RFC 3339 (offset required; 'T' or a space) and the other forms of
  // moment_parser.h: a bare date, unix seconds (up to 11 digits) or
  // milliseconds (12 or more). kUsage for anything else.
  Result<Moment> ParseMoment(std::string_view text) const;
  // Reads an `as_of` or a `to`: a bare date is the end of that day.
  Result<Instant> ParseUntil(std::string_view text) const;
  // Reads a `from`: a bare date is the start of that day.
  Result<Instant> ParseFrom(std::string_view text) const;

  // 2026-02-14T09:30:00+08:00 in this zone; milliseconds only where not 0.
  std::string Format(Instant at) const;
  // 2026-02-14 09:30, for people.
  std::string FormatMinute(Instant at) const;

 private:
  struct Zone;
  explicit Calendar(std::shared_ptr<const Zone> zone);
  std::shared_ptr<const Zone> zone_;
};

}  // namespace rekindle

// The written forms of a moment, before any zone: RFC 3339 and its neighbours
// in ISO 8601 (20260214T093000Z, 2026-02-14T09:30Z, offsets as +0800), a bare
// date, unix seconds, also with a fraction, or milliseconds.
#pragma once

#include <optional>
#include <string_view>

#include "config/base/calendar.h"

namespace rekindle {

using WallClock = std::chrono::local_time<std::chrono::milliseconds>;

// A bare date gives `day`, everything else `at`.
struct ParsedMoment {
  Instant at;
  std::optional<LocalDay> day;
  // The wall clock as written: none for a unix time, the start of the day for a
  // bare date.
  std::optional<WallClock> wall;
};

// kUsage with what is wrong: another form, a day or time that does not exist, a
// time without an offset, a year beyond 9999, or a day without its marks
// (20260214), which is no unix time.
Result<ParsedMoment> ParseMomentText(std::string_view text);

}  // namespace rekindle

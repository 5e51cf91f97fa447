// A span of the day, "08:00-21:00", in whatever zone it is asked for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/calendar.h"

namespace rekindle {

// Times of day; `to` is exclusive, and earlier than `from` where the span runs
// over midnight. Never empty.
struct DaySpan {
  std::chrono::minutes from{0};
  std::chrono::minutes to{24 * 60};

  // "08:00-21:00", 00:00 to 24:00; nothing for anything else or an empty span.
  static std::optional<DaySpan> Parse(std::string_view text);
  std::string Text() const;  // "08:00-21:00"

  // Returns `at` where the span is open at that time, else the instant at which
  // it opens next, by the wall clock of `zone`, across clock changes too.
  Instant OpenFrom(Instant at, const Calendar& zone) const;

  friend bool operator==(const DaySpan&, const DaySpan&) = default;
};

}  // namespace rekindle

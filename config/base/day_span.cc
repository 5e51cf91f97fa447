#include "config/base/day_span.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/base/time_of_day.h"

namespace rekindle {
namespace {

using std::chrono::minutes;

constexpr minutes kDay{24 * 60};

}  // namespace

std::optional<DaySpan> DaySpan::Parse(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto from = ParseTimeOfDay(text.substr(0, 5));
  const auto to = ParseTimeOfDay(text.substr(6));
  if (!from || !to || *from == *to || *from == kDay) return std::nullopt;
  return DaySpan{*from, *to};
}

std::string DaySpan::Text() const {
  return fmt::format("{:02}:{:02}-{:02}:{:02}", from.count() / 60,
                     from.count() % 60, to.count() / 60, to.count() % 60);
}

Instant DaySpan::OpenFrom(Instant at, const Calendar& zone) const {
  // Yesterday's may still be open; a clock change may skip a short one.
  for (LocalDay day = zone.DayOf(at) - std::chrono::days(1);;
       day += std::chrono::days(1)) {
    const LocalDay last = to > from ? day : day + std::chrono::days(1);
    const Instant opens = zone.At(day, from);
    const Instant closes = to == kDay
                               ? zone.StartOf(last + std::chrono::days(1))
                               : zone.At(last, to);
    if (opens < closes && closes > at) return std::max(opens, at);
  }
}

}  // namespace rekindle

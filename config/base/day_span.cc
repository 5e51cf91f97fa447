#include "config/base/day_span.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rekindle {
namespace {

using std::chrono::minutes;

constexpr minutes kDay{24 * 60};

std::optional<int> TwoDigits(std::string_view text) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text.size() == 2 && value >= 0 ? std::optional(value)
                                                 : std::nullopt;
}

std::optional<minutes> TimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = TwoDigits(text.substr(0, 2));
  const auto minute = TwoDigits(text.substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const minutes time(*hour * 60 + *minute);
  return time <= kDay ? std::optional(time) : std::nullopt;
}

}  // namespace

std::optional<DaySpan> DaySpan::Parse(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto from = TimeOfDay(text.substr(0, 5));
  const auto to = TimeOfDay(text.substr(6));
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

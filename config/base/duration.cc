#include "config/base/duration.h"

#include <algorithm>
#include <charconv>

#include "config/base/words.h"

namespace rekindle {
namespace {

struct Unit {
  DurationUnit unit;
  std::string_view name;
  int most;  // a hundred years
};

constexpr Unit kUnits[] = {
    {DurationUnit::kMinute, "minute", 36525 * 24 * 60},
    {DurationUnit::kHour, "hour", 36525 * 24},
    {DurationUnit::kDay, "day", 36525},
    {DurationUnit::kWeek, "week", 5218},
    {DurationUnit::kMonth, "month", 1200},
    {DurationUnit::kPeriod, "period", 36525},
};

// `word` as a unit, in the singular or plural; null where it is none.
const Unit* FindUnit(std::string_view word) {
  if (word.ends_with('s')) word.remove_suffix(1);
  for (const Unit& unit : kUnits) {
    if (word == unit.name) return &unit;
  }
  return nullptr;
}

std::vector<std::string> UnitNames() {
  std::vector<std::string> names;
  for (const Unit& unit : kUnits) names.push_back(std::string(unit.name) + "s");
  return names;
}

tl::unexpected<Error> RefuseDuration(std::string_view text,
                                     const std::string& why) {
  return Fail(ErrorKind::kUsage,
              "\"" + std::string(text) + "\" is not a duration" + why);
}

tl::unexpected<Error> RefuseUnit(std::string_view text, std::string_view count,
                                 std::string_view unit) {
  std::string close = ClosestWord(unit, UnitNames());
  if (close.empty()) {
    return RefuseDuration(text, ": the unit must be " + OneOf(UnitNames()));
  }
  return RefuseDuration(
      text, "; did you mean \"" + std::string(count) + " " + close + "\"?");
}

// A count of periods as one of what a period is.
Duration InNaturalUnits(Duration duration, PeriodUnit period) {
  if (duration.unit != DurationUnit::kPeriod) return duration;
  switch (period) {
    case PeriodUnit::kDay:
      return {duration.count, DurationUnit::kDay};
    case PeriodUnit::kWeek:
      return {duration.count, DurationUnit::kWeek};
    case PeriodUnit::kMonth:
      return {duration.count, DurationUnit::kMonth};
  }
  return duration;
}

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view number = text.substr(0, digits);
  std::string_view rest = text.substr(digits);
  std::string_view unit_word = Trim(rest);
  bool parted = rest.starts_with(' ') && rest.ends_with(unit_word);
  if (number.empty() || !parted || unit_word.empty() ||
      (number.size() > 1 && number[0] == '0')) {
    return RefuseDuration(
        text, ": write a whole number and a unit, such as \"30 days\"");
  }
  const Unit* unit = FindUnit(unit_word);
  if (unit == nullptr) return RefuseUnit(text, number, unit_word);
  int count = 0;
  auto parsed =
      std::from_chars(number.data(), number.data() + number.size(), count);
  if (parsed.ec != std::errc() || count > unit->most) {
    return RefuseDuration(text, ": it is longer than 100 years");
  }
  if (count == 0) {
    return RefuseDuration(text, ": the number must be at least 1");
  }
  return Duration{count, unit->unit};
}

Phrase PhraseOf(const Duration& duration) {
  const int n = duration.count;
  switch (duration.unit) {
    case DurationUnit::kMinute:
      return n == 1 ? Phrase("{} minute", n) : Phrase("{} minutes", n);
    case DurationUnit::kHour:
      return n == 1 ? Phrase("{} hour", n) : Phrase("{} hours", n);
    case DurationUnit::kDay:
      return n == 1 ? Phrase("{} day", n) : Phrase("{} days", n);
    case DurationUnit::kWeek:
      return n == 1 ? Phrase("{} week", n) : Phrase("{} weeks", n);
    case DurationUnit::kMonth:
      return n == 1 ? Phrase("{} month", n) : Phrase("{} months", n);
    case DurationUnit::kPeriod:
      return n == 1 ? Phrase("{} period", n) : Phrase("{} periods", n);
  }
  return Phrase();
}

std::string FormatDuration(const Duration& duration) {
  return PhraseOf(duration).English();
}

DayRange DaysBack(const Duration& duration, LocalDay as_of, PeriodUnit period) {
  Duration natural = InNaturalUnits(duration, period);
  PeriodUnit unit = PeriodUnit::kDay;
  if (natural.unit == DurationUnit::kWeek) unit = PeriodUnit::kWeek;
  if (natural.unit == DurationUnit::kMonth) unit = PeriodUnit::kMonth;
  int32_t first = PeriodOf(as_of, unit) - (natural.count - 1);
  return {FirstDayOf(first, unit), as_of};
}

std::optional<std::chrono::minutes> LengthOf(const Duration& duration) {
  switch (duration.unit) {
    case DurationUnit::kMinute:
      return std::chrono::minutes(duration.count);
    case DurationUnit::kHour:
      return std::chrono::hours(duration.count);
    case DurationUnit::kDay:
      return std::chrono::days(duration.count);
    case DurationUnit::kWeek:
      return std::chrono::weeks(duration.count);
    case DurationUnit::kMonth:
    case DurationUnit::kPeriod:
      break;
  }
  return std::nullopt;
}

Instant Forward(const Duration& duration, Instant from, const Calendar& zone,
                PeriodUnit period) {
  if (const auto length = LengthOf(duration)) return from + *length;
  if (duration.unit == DurationUnit::kMonth) {
    return zone.AddMonths(from, duration.count);
  }
  switch (period) {
    case PeriodUnit::kDay:
      return zone.AddDays(from, duration.count);
    case PeriodUnit::kWeek:
      return zone.AddDays(from, 7 * duration.count);
    case PeriodUnit::kMonth:
      return zone.AddMonths(from, duration.count);
  }
  return from;
}

Instant RollBack(const Duration& duration, Instant from) {
  return from - *LengthOf(duration);
}

}  // namespace rekindle

// Natural days, weeks and months as running numbers: calendar.h, without zones.
#include <cstdio>

#include "config/base/calendar.h"

namespace rekindle {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

// 1970-01-01 was a Thursday: its week began three days before.
constexpr int32_t kMondayBefore = 3;

int32_t FloorDiv(int32_t a, int32_t b) {
  int32_t quotient = a / b;
  return a % b != 0 && (a % b < 0) != (b < 0) ? quotient - 1 : quotient;
}

LocalDay FirstOfMonth(int32_t month) {
  int32_t year = FloorDiv(month, 12);
  return LocalDay(year_month_day(
      std::chrono::year(1970 + year),
      std::chrono::month(static_cast<unsigned>(month - 12 * year + 1)),
      std::chrono::day(1)));
}

// ISO 8601: a week belongs to the year its Thursday is in.
std::string WeekName(int32_t week) {
  LocalDay thursday = FirstDayOf(week, PeriodUnit::kWeek) + days(3);
  auto year = year_month_day(thursday).year();
  LocalDay new_year(year / std::chrono::January / 1);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-W%02d", static_cast<int>(year),
                static_cast<int>((thursday - new_year).count() / 7 + 1));
  return text;
}

}  // namespace

std::optional<PeriodUnit> ParsePeriodUnit(std::string_view word) {
  for (PeriodUnit unit :
       {PeriodUnit::kDay, PeriodUnit::kWeek, PeriodUnit::kMonth}) {
    if (word == PeriodUnitName(unit)) return unit;
  }
  return std::nullopt;
}

std::string_view PeriodUnitName(PeriodUnit unit) {
  switch (unit) {
    case PeriodUnit::kDay:
      return "day";
    case PeriodUnit::kWeek:
      return "week";
    case PeriodUnit::kMonth:
      return "month";
  }
  return "";
}

int32_t PeriodOf(LocalDay day, PeriodUnit unit) {
  if (unit == PeriodUnit::kDay) return ToNumber(day);
  if (unit == PeriodUnit::kWeek) {
    return FloorDiv(ToNumber(day) + kMondayBefore, 7);
  }
  year_month_day date(day);
  return (static_cast<int>(date.year()) - 1970) * 12 +
         static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

LocalDay FirstDayOf(int32_t period, PeriodUnit unit) {
  if (unit == PeriodUnit::kDay) return DayFromNumber(period);
  if (unit == PeriodUnit::kWeek) {
    return DayFromNumber(7 * period - kMondayBefore);
  }
  return FirstOfMonth(period);
}

LocalDay LastDayOf(int32_t period, PeriodUnit unit) {
  return FirstDayOf(period + 1, unit) - days(1);
}

std::string PeriodName(int32_t period, PeriodUnit unit) {
  if (unit == PeriodUnit::kWeek) return WeekName(period);
  std::string day = FormatDay(FirstDayOf(period, unit));
  return unit == PeriodUnit::kMonth ? day.substr(0, day.size() - 3) : day;
}

std::string FormatDay(LocalDay day) {
  year_month_day date(day);
  char text[32];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

}  // namespace rekindle

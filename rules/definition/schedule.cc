#include "rules/definition/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/lexical_cast/try_lexical_convert.hpp>
#include <chrono>
#include <string>

#include "config/base/duration.h"
#include "config/base/time_of_day.h"
#include "config/base/words.h"
#include "rules/definition/cron.h"

namespace rekindle {
namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr uint64_t kEveryDayOfMonth = 0xfffffffe;
constexpr uint8_t kEveryWeekday = 0x7f;
constexpr uint16_t kEveryMonth = 0x1ffe;
constexpr int kHorizonDays = 5 * 366;

tl::unexpected<Error> BadSchedule(std::string message) {
  return Fail(ErrorKind::kUsage, std::move(message));
}

Result<int> RequireTimeOfDay(std::string_view text) {
  auto time = ParseTimeOfDay(text);
  if (time && *time < std::chrono::hours(24)) {
    return static_cast<int>(time->count());
  }
  return BadSchedule(fmt::format(
      "the time of a schedule must be HH:MM, 00:00 to 23:59, not \"{}\"",
      text));
}

// "mon,thu 10:00" -> "mon,thu" and "10:00".
std::pair<std::string_view, std::string_view> SplitWord(std::string_view text) {
  size_t space = text.find(' ');
  if (space == std::string_view::npos) return {text, {}};
  return {text.substr(0, space), Trim(text.substr(space + 1))};
}

std::string_view Unquoted(std::string_view text) {
  bool quoted = text.size() >= 2 && text.front() == text.back() &&
                (text.front() == '"' || text.front() == '\'');
  return quoted ? Trim(text.substr(1, text.size() - 2)) : text;
}

tl::unexpected<Error> UnknownForm(std::string_view text,
                                  std::string_view word) {
  std::string message = fmt::format(
      "schedule must be \"daily 10:00\", \"weekly mon,thu 10:00\", \"monthly 1 "
      "10:00\", \"monthly last 10:00\", 'cron \"0 10 * * 1\"' or \"every 5 "
      "minutes\", not \"{}\"",
      text);
  std::string close =
      ClosestWord(word, {"daily", "weekly", "monthly", "cron", "every"});
  if (!close.empty()) message += fmt::format("; did you mean \"{}\"?", close);
  return BadSchedule(std::move(message));
}

}  // namespace

Result<Schedule> Schedule::Parse(std::string_view text) {
  text = Trim(text);
  auto [form, rest] = SplitWord(text);
  if (form == "daily") return ParseDaily(rest);
  if (form == "weekly") return ParseWeekly(rest);
  if (form == "monthly") return ParseMonthly(rest);
  if (form == "cron") return ParseCron(rest);
  if (form == "every") return ParseEvery(rest);
  return UnknownForm(text, form);
}

Result<Schedule> Schedule::ParseDaily(std::string_view rest) {
  auto minute = RequireTimeOfDay(rest);
  if (!minute) return tl::make_unexpected(minute.error());
  Schedule schedule;
  schedule.days_ = {.days_of_month = kEveryDayOfMonth,
                    .weekdays = kEveryWeekday,
                    .months = kEveryMonth};
  schedule.minutes_ = {*minute};
  return schedule;
}

Result<Schedule> Schedule::ParseWeekly(std::string_view rest) {
  auto [days, time] = SplitWord(rest);
  uint8_t weekdays = 0;
  for (const std::string& word : Split(days, ',')) {
    int weekday = ParseWeekday(word);
    if (weekday < 0) {
      return BadSchedule(
          fmt::format("\"{}\" is no day of the week; expected mon, tue, "
                      "wed, thu, fri, sat or sun",
                      word));
    }
    weekdays |= 1 << weekday;
  }
  auto schedule = ParseDaily(time);
  if (schedule) schedule->days_.weekdays = weekdays;
  return schedule;
}

Result<Schedule> Schedule::ParseMonthly(std::string_view rest) {
  auto [days, time] = SplitWord(rest);
  uint64_t mask = 0;
  bool last = false;
  for (const std::string& word : Split(days, ',')) {
    int day = 0;
    if (word == "last") {
      last = true;
    } else if (word.find_first_not_of("0123456789") == std::string::npos &&
               boost::conversion::try_lexical_convert(word, day) && day >= 1 &&
               day <= 31) {
      mask |= uint64_t{1} << day;
    } else {
      return BadSchedule(fmt::format(
          "\"{}\" is no day of a month; expected 1 to 31 or last", word));
    }
  }
  auto schedule = ParseDaily(time);
  if (schedule) {
    schedule->days_.days_of_month = mask;
    schedule->days_.last_of_month = last;
    schedule->days_.clip_to_month = true;
  }
  return schedule;
}

Result<Schedule> Schedule::ParseCron(std::string_view rest) {
  auto fields = rekindle::ParseCron(Unquoted(rest));
  if (!fields) return tl::make_unexpected(fields.error());
  Schedule schedule;
  schedule.days_ = {.days_of_month = fields->days_of_month,
                    .weekdays = fields->weekdays,
                    .months = fields->months,
                    .either_day_field = fields->either_day_field};
  for (int minute = 0; minute < kMinutesOfDay; ++minute) {
    if ((fields->hours >> (minute / 60) & 1) &&
        (fields->minutes >> (minute % 60) & 1)) {
      schedule.minutes_.push_back(minute);
    }
  }
  return schedule;
}

Result<Schedule> Schedule::ParseEvery(std::string_view rest) {
  auto duration = ParseDuration(rest);
  if (!duration) return tl::make_unexpected(duration.error());
  if (!duration->rolls()) {
    return BadSchedule(
        fmt::format("\"every {}\": every takes minutes or hours; for "
                    "days, weeks and months there are daily, weekly and "
                    "monthly",
                    rest));
  }
  const int64_t minutes = LengthOf(*duration)->count();
  if (minutes > kMinutesOfDay) {
    return BadSchedule(fmt::format(
        "\"every {}\": every takes at most 24 hours, as it counts from "
        "midnight",
        rest));
  }
  Schedule schedule;
  schedule.days_ = {.days_of_month = kEveryDayOfMonth,
                    .weekdays = kEveryWeekday,
                    .months = kEveryMonth};
  schedule.every_ = static_cast<int>(minutes);
  return schedule;
}

bool Schedule::DueOn(LocalDay day) const {
  std::chrono::year_month_day date(day);
  if (!(days_.months >> unsigned(date.month()) & 1)) return false;
  auto number = unsigned(date.day());
  bool is_last =
      std::chrono::year_month_day(day + std::chrono::days(1)).day() ==
      std::chrono::day(1);
  bool in_month = days_.days_of_month >> number & 1;
  if (is_last && days_.last_of_month) in_month = true;
  // Days this month does not have fall on its last.
  if (is_last && days_.clip_to_month && (days_.days_of_month >> number) != 0) {
    in_month = true;
  }
  bool in_week = days_.weekdays >> std::chrono::weekday(day).c_encoding() & 1;
  return days_.either_day_field ? in_month || in_week : in_month && in_week;
}

std::vector<Instant> Schedule::DueAt(LocalDay day, const Calendar& zone) const {
  std::vector<Instant> due;
  if (!DueOn(day)) return due;
  for (int minute : minutes_) {
    due.push_back(zone.At(day, std::chrono::minutes(minute)));
  }
  if (every_ == 0) return due;
  Instant end = zone.StartOf(day + std::chrono::days(1));
  for (Instant at = zone.StartOf(day); at < end;
       at += std::chrono::minutes(every_)) {
    due.push_back(at);
  }
  return due;
}

std::optional<Instant> Schedule::LatestDue(Instant at,
                                           const Calendar& zone) const {
  LocalDay day = zone.DayOf(at);
  for (int back = 0; back <= kHorizonDays;
       ++back, day -= std::chrono::days(1)) {
    std::vector<Instant> due = DueAt(day, zone);
    auto after = std::upper_bound(due.begin(), due.end(), at);
    if (after != due.begin()) return *std::prev(after);
  }
  return std::nullopt;
}

std::optional<Instant> Schedule::NextDue(Instant at,
                                         const Calendar& zone) const {
  LocalDay day = zone.DayOf(at);
  for (int on = 0; on <= kHorizonDays; ++on, day += std::chrono::days(1)) {
    std::vector<Instant> due = DueAt(day, zone);
    auto after = std::upper_bound(due.begin(), due.end(), at);
    if (after != due.end()) return *after;
  }
  return std::nullopt;
}

}  // namespace rekindle

#include "rules/decision/send_window.h"

#include <fmt/format.h>

#include <algorithm>

namespace rekindle {
namespace {

using std::chrono::days;

constexpr std::chrono::minutes kDay{24 * 60};

struct Opening {
  Instant from;
  Instant to;  // exclusive
};

// What is open of one local day, in order; pieces that a clock change skips
// are empty.
std::vector<Opening> OpeningsOn(const SendWindow& window, LocalDay day,
                                const Calendar& zone) {
  const Instant begin = zone.StartOf(day);
  const Instant end = zone.StartOf(day + days(1));
  const Instant from = zone.At(day, window.from);
  const Instant to = window.to == kDay ? end : zone.At(day, window.to);
  if (window.from < window.to) return {{from, to}};
  return {{begin, to}, {from, end}};  // over midnight
}

// The first opening from `at` to `latest` in which a touch may leave.
std::optional<Opening> FirstOpen(const Rule& rule, Instant at, Instant latest,
                                 const Calendar& zone,
                                 const CalendarNotes& notes) {
  const LocalDay today = zone.DayOf(at);
  for (LocalDay day = today; zone.StartOf(day) <= latest; day += days(1)) {
    if (notes.IsHoliday(day)) continue;
    if (!rule.window) {
      const Instant same_time =
          day == today ? at : zone.At(day, zone.TimeOfDay(at));
      if (same_time > latest) return std::nullopt;
      return Opening{same_time, zone.StartOf(day + days(1))};
    }
    for (const Opening& opening : OpeningsOn(*rule.window, day, zone)) {
      if (opening.from >= opening.to || opening.to <= at) continue;
      const Instant open = std::max(opening.from, at);
      if (open > latest) return std::nullopt;
      return Opening{open, opening.to};
    }
  }
  return std::nullopt;
}

}  // namespace

SendTime SendTimeOf(const Rule& rule, Instant at, const Calendar& zone,
                    const EngineSettings& settings) {
  return SendTimeOf(rule, at, ExpiresAt(rule, at, settings), zone, settings);
}

SendTime SendTimeOf(const Rule& rule, Instant at, Instant latest,
                    const Calendar& zone, const EngineSettings& settings) {
  if (!rule.marketing) return {.due = at};
  const bool holidays = !settings.notes.holidays.empty();
  const auto any_day = FirstOpen(rule, at, latest, zone, CalendarNotes());
  const auto open =
      holidays ? FirstOpen(rule, at, latest, zone, settings.notes) : any_day;
  const bool holiday = open.has_value() != any_day.has_value() ||
                       (open && open->from != any_day->from);
  const Reason waits_for = holiday ? Reason::kHoliday : Reason::kOutsideWindow;
  if (!open) return {.waits_for = waits_for};
  return {open->from, open->to, open->from == at ? Reason::kNone : waits_for};
}

Instant ExpiresAt(const Rule& rule, Instant at,
                  const EngineSettings& settings) {
  const Duration wait =
      rule.marketing ? rule.wait : Duration{24, DurationUnit::kHour};
  return Forward(wait, at, settings.calendar, settings.lifecycle.period);
}

std::string FormatWindow(const SendWindow& window) {
  return fmt::format("{:02}:{:02}-{:02}:{:02}", window.from.count() / 60,
                     window.from.count() % 60, window.to.count() / 60,
                     window.to.count() % 60);
}

const Calendar& SendTimes::ZoneOf(UserNumber user) const {
  return users_.ZoneOf(user, settings_.calendar);
}

const SendTime& SendTimes::Of(const Calendar& zone) {
  const auto found =
      std::find_if(by_zone_.begin(), by_zone_.end(),
                   [&](const auto& entry) { return entry.first == &zone; });
  if (found != by_zone_.end()) return found->second;
  by_zone_.emplace_back(&zone, SendTimeOf(rule_, at_, zone, settings_));
  return by_zone_.back().second;
}

}  // namespace rekindle

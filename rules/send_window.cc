#include "rules/send_window.h"

#include <fmt/format.h>

namespace rekindle {
namespace {

constexpr std::chrono::minutes kDay{24 * 60};

struct Opening {
  Instant from;
  Instant to;  // exclusive
};

// The opening that begins on the day; empty where a clock change skips it.
Opening OpeningOf(const SendWindow& window, LocalDay day,
                  const Calendar& zone) {
  LocalDay last = window.to > window.from ? day : day + std::chrono::days(1);
  Instant to = window.to == kDay ? zone.StartOf(last + std::chrono::days(1))
                                 : zone.At(last, window.to);
  return {zone.At(day, window.from), to};
}

bool HasWindow(const Rule& rule) { return rule.window && rule.marketing; }

}  // namespace

std::optional<Instant> DueAt(const Rule& rule, Instant at, const Calendar& zone,
                             const EngineSettings& settings) {
  if (!HasWindow(rule)) return at;
  LocalDay today = zone.DayOf(at);
  Instant latest = ExpiresAt(rule, at, settings);
  // Yesterday's may still be open; a short one may be skipped by a gap.
  for (LocalDay day = today - std::chrono::days(1);;
       day += std::chrono::days(1)) {
    Opening opening = OpeningOf(*rule.window, day, zone);
    if (opening.from > latest) return std::nullopt;
    if (opening.from >= opening.to || opening.to <= at) continue;
    return std::max(opening.from, at);
  }
}

Instant ExpiresAt(const Rule& rule, Instant at,
                  const EngineSettings& settings) {
  Duration wait =
      HasWindow(rule) ? rule.window->wait : Duration{24, DurationUnit::kHour};
  return Forward(wait, at, settings.calendar, settings.lifecycle.period);
}

std::string FormatWindow(const SendWindow& window) {
  return fmt::format("{:02}:{:02}-{:02}:{:02}", window.from.count() / 60,
                     window.from.count() % 60, window.to.count() / 60,
                     window.to.count() % 60);
}

}  // namespace rekindle

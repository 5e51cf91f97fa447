#include <fmt/format.h>

#include <algorithm>

#include "config/yaml/names.h"
#include "engine/settings/sections.h"

namespace rekindle {
namespace {

std::optional<LocalDay> ParseDay(std::string_view text) {
  const auto moment = Calendar::Utc().ParseMoment(text);
  if (!moment || !moment->by_day) return std::nullopt;
  return moment->day;
}

// `2026-10-01` or `2026-10-01..2026-10-07`.
void ParseHoliday(const yaml::Node& node, yaml::Diagnostics& d,
                  CalendarNotes* notes) {
  const std::string_view text = node.text();
  const size_t dots = text.find("..");
  const bool one = dots == std::string_view::npos;
  const auto first = ParseDay(text.substr(0, dots));
  const auto last = one ? first : ParseDay(text.substr(dots + 2));
  if (!first || !last) {
    d.Error(node.position(),
            fmt::format("a holiday must be a day or a range of days, like "
                        "2026-10-01..2026-10-07, not \"{}\"",
                        text));
    return;
  }
  if (*last < *first) {
    d.Error(node.position(),
            fmt::format("holiday \"{}\" ends before it begins", text));
    return;
  }
  notes->holidays.push_back({*first, *last});
}

void ParseNotes(const yaml::Node& node, yaml::Diagnostics& d,
                std::map<LocalDay, yaml::Position>* given,
                CalendarNotes* notes) {
  for (const auto& [key, value] : EntriesOf(node, d, "notes")) {
    const auto day = ParseDay(key.text());
    if (!day) {
      d.Error(key.position(),
              fmt::format("a note stands under a day like 2026-02-17, not "
                          "\"{}\"",
                          key.text()));
      continue;
    }
    const auto [at, added] = given->emplace(*day, key.position());
    if (!added) {
      d.Error(key.position(),
              fmt::format("{} has two notes; first at {}", FormatDay(*day),
                          PlaceText(at->second)));
      continue;
    }
    auto text = AsLocalized(value, d, "note");
    if (text) notes->notes.emplace(*day, *std::move(text));
  }
}

}  // namespace

CalendarNotes ParseCalendarNotes(const std::vector<yaml::Node>& nodes,
                                 yaml::Diagnostics& d) {
  CalendarNotes notes;
  std::map<LocalDay, yaml::Position> given;
  for (const yaml::Node& node : nodes) {
    yaml::Section section(node, d, "calendar");
    if (const auto holidays = section.Take("holidays")) {
      for (const yaml::Node& item : holidays->AsOneOrMany(d, "holidays")) {
        ParseHoliday(item, d, &notes);
      }
    }
    if (const auto days = section.Take("notes")) {
      ParseNotes(*days, d, &given, &notes);
    }
    section.Finish();
  }
  std::sort(notes.holidays.begin(), notes.holidays.end(),
            [](const DayRange& a, const DayRange& b) {
              return std::pair(a.first, a.last) < std::pair(b.first, b.last);
            });
  return notes;
}

bool CalendarNotes::IsHoliday(LocalDay day) const {
  return std::any_of(holidays.begin(), holidays.end(),
                     [day](const DayRange& range) {
                       return range.first <= day && day <= range.last;
                     });
}

}  // namespace rekindle

#include "engine/model/settings.h"

#include <algorithm>

namespace rekindle {

std::span<const Substate> LifecycleSettings::SubstatesOf(State state) const {
  const auto found = substates.find(state);
  if (found == substates.end()) return {};
  return found->second;
}

std::optional<size_t> PreferenceSettings::Find(std::string_view label) const {
  const auto found =
      std::find_if(labels.begin(), labels.end(),
                   [label](const Label& one) { return one.name == label; });
  if (found == labels.end()) return std::nullopt;
  return found - labels.begin();
}

std::optional<Instant> RawEventsKeptFrom(const EngineSettings& settings,
                                         Instant newest) {
  if (!settings.retain_raw_events) return std::nullopt;
  const Duration& keep = *settings.retain_raw_events;
  const DayRange kept = DaysBack(keep, settings.calendar.DayOf(newest),
                                 settings.lifecycle.period);
  return settings.calendar.StartOf(kept.first);
}

}  // namespace rekindle

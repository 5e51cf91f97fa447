#include "engine/as_of/last_activity.h"

#include <algorithm>

#include "engine/as_of/raw_events.h"

namespace rekindle {

LastActivityReader::LastActivityReader(const EngineSettings& settings,
                                       const UserDirectory& users,
                                       const ActivityColumns& columns,
                                       const Journal& journal, Instant as_of)
    : settings_(settings),
      users_(users),
      columns_(columns),
      journal_(journal),
      as_of_(as_of) {}

Instant LastActivityReader::Of(UserNumber user, LocalDay last_day) const {
  Instant found = settings_.calendar.StartOf(last_day);
  const auto last = columns_.Last(user);
  if (last && *last <= as_of_) {
    found = *last;
  } else if (last) {
    const LastOfUsers& on_day = OnDay(last_day);
    auto it = on_day.find(user);
    if (it != on_day.end()) found = it->second;
  }
  const std::optional<Moment> registered = users_.RegisteredAt(user);
  if (registered && registered->at <= as_of_) {
    found = std::max(found, registered->at);
  }
  return found;
}

const LastActivityReader::LastOfUsers& LastActivityReader::OnDay(
    LocalDay day) const {
  std::lock_guard lock(mutex_);
  auto it = days_.find(ToNumber(day));
  if (it == days_.end()) it = days_.emplace(ToNumber(day), Read(day)).first;
  return it->second;
}

LastActivityReader::LastOfUsers LastActivityReader::Read(LocalDay day) const {
  LastOfUsers last;
  const Instant from = settings_.calendar.StartOf(day);
  const Instant to = std::min(settings_.calendar.EndOf(day), as_of_);
  const auto take = [&](const StoredEvent& event, Instant at) {
    if (!settings_.behaviors.Matches(BehaviorSet::kActivity, event.name,
                                     event.properties)) {
      return;
    }
    const UserNumber user = users_.Resolve(event.user);
    auto [it, first] = last.try_emplace(user, at);
    if (!first) it->second = std::max(it->second, at);
  };
  ReadEvents(journal_, settings_.calendar, from, to, take);
  return last;
}

}  // namespace rekindle

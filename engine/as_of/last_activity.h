// When a user was last active, as exactly as the kept data can tell.
#pragma once

#include <mutex>
#include <unordered_map>

#include "engine/as_of/masks_as_of.h"

namespace rekindle {

// Thread-safe; what it reads from outlives it.
class LastActivityReader {
 public:
  LastActivityReader(const EngineSettings& settings, const UserDirectory& users,
                     const ActivityColumns& columns, const Journal& journal,
                     Instant as_of);

  // The user's last activity or registration up to as_of. `last_day` is the
  // local day of it; where raw events are needed to say more and are gone, the
  // start of that day.
  Instant Of(UserNumber user, LocalDay last_day) const;

 private:
  using LastOfUsers = std::unordered_map<UserNumber, Instant>;

  // The last activity of each user on the day, up to as_of. Read once a day
  // and kept: a past as_of asks for many users of the same few days.
  const LastOfUsers& OnDay(LocalDay day) const;
  LastOfUsers Read(LocalDay day) const;

  const EngineSettings& settings_;
  const UserDirectory& users_;
  const ActivityColumns& columns_;
  const Journal& journal_;
  const Instant as_of_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<int32_t, LastOfUsers> days_;  // by day number
};

}  // namespace rekindle

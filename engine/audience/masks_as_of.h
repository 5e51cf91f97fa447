// The activity columns as they stood at one instant: later days are cut, and
// where the instant lies inside a day, what happened later on that day is taken
// out again by the journal's raw events (design.md 2.1).
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/audience/lazy.h"
#include "engine/audience/user_set.h"
#include "engine/columns/activity_columns.h"
#include "engine/journal/journal.h"
#include "engine/settings.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// Thread-safe; what it reads from outlives it and stays as it is meanwhile.
class MasksAsOf {
 public:
  MasksAsOf(const EngineSettings& settings, const UserDirectory& users,
            const ActivityColumns& columns, const Journal& journal,
            Instant as_of);

  Instant as_of() const { return as_of_; }
  LocalDay today() const { return today_; }
  // False where as_of lies inside a day whose raw events are no longer kept:
  // then that day is seen whole.
  bool exact() const { return exact_; }

  // Months with any day of the behavior up to as_of's, as [first, last].
  std::optional<std::pair<int32_t, int32_t>> Months(BehaviorIndex b) const;
  // The kBlockUsers masks of one block; nullptr where all are 0. `scratch` is
  // written only where they differ from the stored ones.
  const uint32_t* Block(BehaviorIndex b, int32_t month, uint32_t block,
                        MaskBlock& scratch) const;
  uint32_t DayMask(BehaviorIndex b, UserNumber user, int32_t month) const;

 private:
  using Sets = std::vector<UserSet>;  // by behavior

  bool KeepsToday() const;
  // Users who did it today, but only after as_of.
  const UserSet& NotYet(BehaviorIndex b) const;
  Sets ReadNotYet() const;
  Sets ReadToday(Instant from, Instant to) const;

  const EngineSettings& settings_;
  const UserDirectory& users_;
  const ActivityColumns& columns_;
  const Journal& journal_;
  const Instant as_of_;
  const LocalDay today_;
  const Instant day_end_;
  const int32_t this_month_;
  const uint32_t seen_bits_;  // of this month: up to today
  const uint32_t today_bit_;
  const bool exact_;
  Lazy<Sets> not_yet_;
};

}  // namespace rekindle

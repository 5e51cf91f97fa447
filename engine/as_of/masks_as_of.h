// The activity columns as they stood at one instant: later days are cut, and
// where the instant lies inside a day, what happened later on that day is taken
// out again by the journal's raw events, while those are kept.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "engine/columns/activity_columns.h"
#include "engine/journal/journal.h"
#include "engine/model/settings.h"
#include "engine/sets/lazy.h"
#include "engine/sets/user_set.h"
#include "engine/users/user_directory.h"

namespace rekindle {

struct MasksByUser;

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
  // True where as_of is the end of its day, so that all of today is seen.
  bool SeesToday() const { return as_of_ >= day_end_; }

  // Months with any day of the behavior up to as_of's, as [first, last].
  std::optional<std::pair<int32_t, int32_t>> Months(BehaviorIndex b) const;
  // The part of the range (absent: all time) in which anything can be seen;
  // nothing where there is none.
  std::optional<DayRange> Seen(BehaviorIndex b,
                               const std::optional<DayRange>& range) const;
  // Puts the masks of one block, by user, into `masks`. False, with `masks`
  // left as it was, where all are 0.
  bool Block(BehaviorIndex b, int32_t month, uint32_t block,
             MasksByUser& masks) const;
  uint32_t DayMask(BehaviorIndex b, UserNumber user, int32_t month) const;
  // Adds the users of the block who did it on a day of the range.
  void AddPresent(BehaviorIndex b, const DayRange& range, uint32_t block,
                  std::array<uint64_t, kBlockWords>& words) const;
  // What is known of a block's month without reading its masks.
  struct Glance {
    // Words of the users who did it, also after as_of; nullptr where nobody
    // did.
    const uint64_t* present = nullptr;
    uint32_t days = 0;  // nobody did it on others
    bool whole = true;  // nobody did it after as_of

    // Whether those who are present all did it on one of the bits' days.
    bool AllAmong(uint32_t bits) const { return whole && (days & ~bits) == 0; }
  };
  // A behavior's month, looked up once for many blocks.
  struct Month {
    BehaviorIndex behavior;
    int32_t month;
    const MonthBlocks* blocks = nullptr;  // nullptr where nobody did it then
  };
  Month Find(BehaviorIndex b, int32_t month) const;
  Glance At(const Month& month, uint32_t block) const;
  // Begins to fetch what At reads of the block, if there is such a block.
  void Prefetch(const Month& month, uint32_t block) const;
  // Adds the users with `days` days of the range one after the other.
  void AddInARow(BehaviorIndex b, const DayRange& range, int days,
                 uint32_t block,
                 std::array<uint64_t, kBlockWords>& words) const;
  // False where the block has anything of this month that is after as_of.
  bool SeenWhole(BehaviorIndex b, uint32_t block) const;
  // False where a user of the block did it today, but only after as_of.
  bool AllSeenToday(BehaviorIndex b, uint32_t block) const;

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

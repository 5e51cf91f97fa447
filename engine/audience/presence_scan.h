// Who did something on so many days of a range, a block of users at a time.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "engine/audience/masks_as_of.h"

namespace rekindle {

// Thread-safe; the masks outlive it.
class PresenceScan {
 public:
  using Words = std::array<uint64_t, kBlockWords>;

  // On at_least .. at_most days; an absent range is all time.
  PresenceScan(const MasksAsOf& masks, BehaviorIndex behavior,
               std::optional<DayRange> range, int at_least, int at_most);

  // Where no column has to be read: whether it holds for everybody, or for
  // nobody.
  std::optional<bool> same_for_all() const { return same_for_all_; }
  // REQUIRES for the rest: not so.
  // Whether one day at all decides: it holds with it, or without it.
  bool any() const { return at_least_ == 1 && at_most_ >= span_; }
  bool none() const { return at_least_ <= 0 && at_most_ == 0; }
  // In which anything can be seen.
  const DayRange& days() const { return days_; }
  // Those of the block for whom it holds, users who are not
  // known among them.
  void Block(uint32_t block, Words& users) const;
  // Equal for scans that ask the same of the same masks.
  std::string Name() const;

 private:
  template <class Days>
  void Count(uint32_t block, Words& users) const;

  const MasksAsOf& masks_;
  const BehaviorIndex behavior_;
  const int at_least_, at_most_;
  DayRange days_{};
  int span_ = 0;  // how many days these are
  std::optional<bool> same_for_all_;
};

}  // namespace rekindle

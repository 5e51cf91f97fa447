// Who did a behavior on how many days of a range: read from the masks on all
// cores. Many rules ask about the same few windows, so what was found is kept
// for the snapshot's life: a bit a user for "at all", a byte for "how often",
// while both fit into kKeptBytes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "config/base/workers.h"
#include "engine/audience/kept_values.h"
#include "engine/audience/masks_as_of.h"
#include "engine/audience/user_set.h"

namespace rekindle {

// Thread-safe; what it reads from outlives it. Users who are not known may be
// in its sets.
class DaySets {
 public:
  static constexpr size_t kKeptBytes = 128 << 20;  // of either kind

  DaySets(const MasksAsOf& masks, Workers& workers, uint32_t universe);

  // REQUIRES for all: `seen` is of MasksAsOf::Seen.
  std::shared_ptr<const UserSet> Present(BehaviorIndex behavior,
                                         const DayRange& seen) const;
  // REQUIRES: at_least is no more than there are days. Where it is 0, numbers
  // past the last user may be in it.
  UserSet OnDays(BehaviorIndex behavior, const DayRange& seen, int at_least,
                 int at_most) const;
  // So many days one after the other.
  UserSet InARow(BehaviorIndex behavior, const DayRange& seen, int days) const;
  // By user number.
  std::vector<uint16_t> Counts(BehaviorIndex behavior,
                               const DayRange& seen) const;

 private:
  using Key = std::tuple<BehaviorIndex, int32_t, int32_t>;
  using Bytes = std::array<uint8_t, kBlockUsers>;

  static Key KeyOf(BehaviorIndex behavior, const DayRange& range);
  UserSet ReadPresent(BehaviorIndex behavior, const DayRange& seen) const;
  // REQUIRES: at most 255 days.
  std::vector<Bytes> ReadBytes(BehaviorIndex behavior,
                               const DayRange& seen) const;
  std::shared_ptr<const std::vector<Bytes>> BytesOf(BehaviorIndex behavior,
                                                    const DayRange& seen) const;

  const MasksAsOf& masks_;
  Workers& workers_;
  const uint32_t universe_;
  KeptValues<Key, UserSet> present_;
  KeptValues<Key, std::vector<Bytes>> bytes_;
};

}  // namespace rekindle

// Everybody's state in the period of one instant, as one bitmap a state
// (README.md): set algebra over who was active and who registered in which
// period, so that it costs a few bytes a user whatever they ever did.
#pragma once

#include <array>
#include <vector>

#include "config/base/duration.h"
#include "engine/columns/mask_block.h"
#include "engine/model/state.h"
#include "engine/sets/user_set.h"

namespace rekindle {

class SetRows;
class UsersAsOf;

struct StateSets {
  UserSet known;
  std::array<UserSet, kStates> of;  // by State; nobody is kUnknown here
};

// On all cores.
StateSets ComputeStates(const UsersAsOf& seen);

// The same a block at a time, for callers that do more with the block while it
// is in the cache: row 0 receives the known users, row s those of state s.
class StateScan {
 public:
  static constexpr size_t kRows = kStates;

  StateScan(const UsersAsOf& seen, const SetRows& rows);
  void Block(uint32_t block) const;
  StateSets Get() const;  // after all blocks

 private:
  using Words = std::array<uint64_t, kBlockWords>;
  // Who registered and who was active in which period, counted back from
  // as_of's.
  struct Periods {
    std::vector<Words> active;  // registration counts
    Words known, is_new, was_new;
  };

  void FindRegistered(uint32_t block, Periods& periods) const;
  void Store(uint32_t block, const Periods& periods) const;

  const UsersAsOf& seen_;
  const SetRows& rows_;
  std::vector<DayRange> days_;  // by periods back
};

}  // namespace rekindle

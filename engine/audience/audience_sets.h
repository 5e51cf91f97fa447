// All sets that settings name, computed for everybody at one instant in one
// pass over the users: states, their substates, labels and segments.
#pragma once

#include <array>
#include <vector>

#include "engine/lifecycle/state_sets.h"
#include "engine/sets/user_set.h"

namespace rekindle {

class Snapshot;

struct AudienceSets {
  StateSets states;
  // By State, in the order of settings, each without those before it, then the
  // rest; empty where the state has no substates.
  std::array<std::vector<UserSet>, kStates> substates;
  std::vector<UserSet> labels;    // in the order of settings, as are
  std::vector<UserSet> segments;  // these
};

// On all cores. What a block's states, labels, substates and segments have in
// common is read once, while it is in the nearest cache.
AudienceSets ComputeAudienceSets(const Snapshot& facts);

}  // namespace rekindle

// Everybody's state in the period of one instant, as one bitmap a state
// (design.md 2.3): set algebra over who was active and who registered in which
// period, so that it costs a few bytes a user whatever they ever did.
#pragma once

#include <array>

#include "engine/audience/user_set.h"
#include "engine/lifecycle/state.h"

namespace rekindle {

class Snapshot;

struct StateSets {
  UserSet known;
  std::array<UserSet, kStates> of;  // by State; nobody is kUnknown here
};

// On all cores.
StateSets ComputeStates(const Snapshot& facts);

}  // namespace rekindle

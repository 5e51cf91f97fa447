// What everybody was found to be at one instant: states, substates, labels
// and segments, each as a set of users.
#pragma once

#include <string>
#include <vector>

#include "engine/model/state.h"
#include "engine/sets/user_set.h"

namespace rekindle {

class Snapshot;

// The order is that of the kinds in a standing's text.
enum class SetKind : uint8_t { kState, kSubstate, kLabel, kSegment };

struct NamedSet {
  SetKind kind = SetKind::kState;
  std::string name;  // "dormant", "churned/driving", "car_control", "drivers"
  UserSet users;
};
// In the order of settings: states, substates, labels, segments.
using Standings = std::vector<NamedSet>;

Standings FindStandings(const Snapshot& facts);

// One user's standing in words, without segments. kUnknown with empty texts for
// a user who is not known.
struct Standing {
  State state = State::kUnknown;
  std::string substate;
  std::string labels;  // names in file order, joined by ';'
  friend auto operator<=>(const Standing&, const Standing&) = default;
};

// Adds what the set says of its users to the standing of one of them. Call in
// the order of the sets' kinds.
void AddToStanding(const NamedSet& set, Standing* standing);

}  // namespace rekindle

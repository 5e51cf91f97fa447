// What everybody was found to be at one instant: states, their parts, labels
// and segments, each as a set of users. Two findings are compared set by set,
// so that the changed users fall out of a few passes over bitmaps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/audience/user_set.h"
#include "engine/lifecycle/state.h"

namespace rekindle {

class Snapshot;

// The order is that of the kinds in a standing's text.
enum class SetKind : uint8_t { kState, kPart, kLabel, kSegment };

struct NamedSet {
  SetKind kind = SetKind::kState;
  std::string name;  // "dormant", "churned/driving", "car_control", "drivers"
  UserSet users;
};
// In the order of settings: states, parts, labels, segments.
using Standings = std::vector<NamedSet>;

Standings FindStandings(const Snapshot& facts);

// One user's, in words. kUnknown with empty texts where not known.
struct Standing {
  State state = State::kUnknown;
  std::string substate;
  std::string labels;  // names in file order, joined by ';'
  friend auto operator<=>(const Standing&, const Standing&) = default;
};

// Users whose state, part or labels differ; a set that only one side has is
// empty on the other.
UserSet Changed(const Standings& before, const Standings& after);

// The standing of each of the users, in ascending order; few different ones
// among many users.
struct StandingList {
  std::vector<Standing> texts;    // each once
  std::vector<uint32_t> of_user;  // index into texts, by rank of the user
};
StandingList StandingsOf(const Standings& standings, const UserSet& users);

}  // namespace rekindle

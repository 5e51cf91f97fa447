// The sets that configuration names by conditions: substates and segments. Each
// is selected on first use and kept.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/conditions/facts.h"
#include "engine/model/state.h"
#include "engine/sets/lazy.h"

namespace rekindle {

// The users of a state who are in none of its named substates.
inline constexpr std::string_view kOtherSubstate = "other";

// Thread-safe. REQUIRES: conditions do not lead back to themselves.
class NamedSets {
 public:
  explicit NamedSets(const Facts& facts);

  // The substate's users; nobody where the state has no such substate.
  UserSet InSubstate(State state, std::string_view name) const;
  // The substate a user of the state is in; empty where the state has none.
  std::string SubstateOf(State state, UserNumber user) const;
  const UserSet& Segment(size_t segment) const;

 private:
  // In the order of configuration, each without those before it, then the
  // rest; empty where the state has none.
  const std::vector<UserSet>& Substates(State state) const;
  std::vector<UserSet> SelectSubstates(State state) const;

  const Facts& facts_;
  std::array<Lazy<std::vector<UserSet>>, kStates> substates_;
  std::unique_ptr<Lazy<UserSet>[]> segments_;
};

}  // namespace rekindle

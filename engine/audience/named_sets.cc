#include "engine/audience/named_sets.h"

#include "engine/conditions/condition.h"
#include "engine/model/settings.h"

namespace rekindle {

NamedSets::NamedSets(const Facts& facts)
    : facts_(facts),
      segments_(new Lazy<UserSet>[facts.settings().segments.size()]) {}

UserSet NamedSets::InSubstate(State state, std::string_view name) const {
  const auto substates = facts_.settings().lifecycle.SubstatesOf(state);
  if (substates.empty()) return {};
  for (size_t i = 0; i < substates.size(); ++i) {
    if (substates[i].name == name) return Substates(state)[i];
  }
  return name == kOtherSubstate ? Substates(state).back() : UserSet();
}

std::string NamedSets::SubstateOf(State state, UserNumber user) const {
  const auto substates = facts_.settings().lifecycle.SubstatesOf(state);
  if (substates.empty()) return "";
  for (const Substate& substate : substates) {
    if (facts_.InState(state, substate.name).Contains(user)) {
      return substate.name;
    }
  }
  return std::string(kOtherSubstate);
}

const UserSet& NamedSets::Segment(size_t segment) const {
  return segments_[segment].Get([&] {
    return facts_.settings().segments[segment].condition->Select(facts_) &
           facts_.Known();
  });
}

const std::vector<UserSet>& NamedSets::Substates(State state) const {
  return substates_[static_cast<size_t>(state)].Get(
      [&] { return SelectSubstates(state); });
}

std::vector<UserSet> NamedSets::SelectSubstates(State state) const {
  std::vector<UserSet> found;
  UserSet rest = facts_.InState(state, "");
  for (const Substate& substate :
       facts_.settings().lifecycle.SubstatesOf(state)) {
    found.push_back(substate.condition->Select(facts_) & rest);
    rest -= found.back();
  }
  found.push_back(std::move(rest));
  return found;
}

}  // namespace rekindle

#include "engine/audience/named_sets.h"

#include "engine/conditions/condition.h"
#include "engine/model/settings.h"

namespace rekindle {

NamedSets::NamedSets(const Facts& facts)
    : facts_(facts),
      segments_(new Lazy<UserSet>[facts.settings().segments.size()]) {}

UserSet NamedSets::Part(State state, std::string_view name) const {
  const auto substates = facts_.settings().lifecycle.PartsOf(state);
  if (substates.empty()) return {};
  for (size_t i = 0; i < substates.size(); ++i) {
    if (substates[i].name == name) return Parts(state)[i];
  }
  return name == kOtherPart ? Parts(state).back() : UserSet();
}

std::string NamedSets::PartOf(State state, UserNumber user) const {
  const auto substates = facts_.settings().lifecycle.PartsOf(state);
  if (substates.empty()) return "";
  for (const Substate& substate : substates) {
    if (facts_.InState(state, substate.name).Contains(user)) {
      return substate.name;
    }
  }
  return std::string(kOtherPart);
}

const UserSet& NamedSets::Segment(size_t segment) const {
  return segments_[segment].Get([&] {
    return facts_.settings().segments[segment].condition->Select(facts_) &
           facts_.Known();
  });
}

const std::vector<UserSet>& NamedSets::Parts(State state) const {
  return parts_[static_cast<size_t>(state)].Get(
      [&] { return SelectParts(state); });
}

std::vector<UserSet> NamedSets::SelectParts(State state) const {
  std::vector<UserSet> parts;
  UserSet rest = facts_.InState(state, "");
  for (const Substate& substate : facts_.settings().lifecycle.PartsOf(state)) {
    parts.push_back(substate.condition->Select(facts_) & rest);
    rest -= parts.back();
  }
  parts.push_back(std::move(rest));
  return parts;
}

}  // namespace rekindle

// lifecycle: dormant
// lifecycle: [dormant, churned/driving]
#include <algorithm>

#include "config/base/words.h"
#include "engine/conditions/parser.h"

namespace rekindle {
namespace {

struct Part {
  State state = State::kUnknown;
  std::string substate;  // empty: all of the state
};

class Lifecycle : public Comparison {
 public:
  Lifecycle(std::vector<Part> parts, std::string wanted)
      : parts_(std::move(parts)), wanted_(std::move(wanted)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users;
    for (const Part& part : parts_) {
      users |= facts.InState(part.state, part.substate);
    }
    return users;
  }

  SetPlan::Term Plan(Terms& terms) const override {
    SetPlan::Term users = terms.Nobody();
    for (const Part& part : parts_) {
      users = terms.Or(users, terms.InState(part.state, part.substate));
    }
    return users;
  }

  void Collect(ConditionUses* uses) const override {
    uses->lifecycle = true;
    for (const Part& part : parts_) uses->substates |= !part.substate.empty();
  }

 protected:
  Finding Wanted() const override { return {"lifecycle", wanted_}; }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const State state = facts.StateOf(user);
    const std::string substate = facts.SubstateOf(user);
    finding.actual = StateName(state);
    if (!substate.empty()) finding.actual += "/" + substate;
    finding.holds =
        std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
          return part.state == state &&
                 (part.substate.empty() || part.substate == substate);
        });
    return finding;
  }

 private:
  std::vector<Part> parts_;
  std::string wanted_;
};

bool IsKnown(const yaml::Node& name, const ConditionScope& scope) {
  if (name.text().find('/') != std::string::npos) {
    return yaml::CheckKnown(name, scope.d, "substate", scope.vocabulary.parts);
  }
  std::vector<std::string> states;
  for (State state : kAllStates) states.emplace_back(StateName(state));
  return yaml::CheckKnown(name, scope.d, "state", states);
}

}  // namespace

ConditionPtr ParseLifecycle(const yaml::Node& value,
                            const ConditionScope& scope) {
  std::vector<Part> parts;
  std::vector<std::string> wanted;
  for (const yaml::Node& name : value.AsOneOrMany(scope.d, "lifecycle")) {
    if (!IsKnown(name, scope)) continue;
    const std::vector<std::string> words = Split(name.text(), '/');
    parts.push_back({ParseState(words[0]).value_or(State::kUnknown),
                     words.size() > 1 ? words[1] : ""});
    wanted.push_back(name.text());
  }
  return std::make_shared<Lifecycle>(std::move(parts), OneOf(wanted));
}

}  // namespace rekindle

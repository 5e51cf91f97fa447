// lifecycle: dormant
// lifecycle: [dormant, churned/driving]
#include <algorithm>

#include "config/base/words.h"
#include "engine/conditions/parser.h"

namespace rekindle {
namespace {

struct StateAndSubstate {
  State state = State::kUnknown;
  std::string substate;  // empty: all of the state
};

class Lifecycle : public Comparison {
 public:
  Lifecycle(std::vector<StateAndSubstate> any_of, std::string wanted)
      : any_of_(std::move(any_of)), wanted_(std::move(wanted)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users;
    for (const StateAndSubstate& one : any_of_) {
      users |= facts.InState(one.state, one.substate);
    }
    return users;
  }

  SetPlan::Term Plan(Terms& terms) const override {
    SetPlan::Term users = terms.Nobody();
    for (const StateAndSubstate& one : any_of_) {
      users = terms.Or(users, terms.InState(one.state, one.substate));
    }
    return users;
  }

  void Collect(ConditionUses* uses) const override {
    uses->lifecycle = true;
    for (const StateAndSubstate& one : any_of_) {
      uses->substates |= !one.substate.empty();
    }
  }

 protected:
  Finding Wanted() const override { return {"lifecycle", wanted_}; }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const State state = facts.StateOf(user);
    const std::string substate = facts.SubstateOf(user);
    finding.actual = StateName(state);
    if (!substate.empty()) finding.actual += "/" + substate;
    finding.holds = std::any_of(
        any_of_.begin(), any_of_.end(), [&](const StateAndSubstate& one) {
          return one.state == state &&
                 (one.substate.empty() || one.substate == substate);
        });
    return finding;
  }

 private:
  std::vector<StateAndSubstate> any_of_;
  std::string wanted_;
};

bool IsKnown(const yaml::Node& name, const ConditionScope& scope) {
  if (name.text().find('/') != std::string::npos) {
    return yaml::CheckKnown(name, scope.d, "substate",
                            scope.vocabulary.substates);
  }
  std::vector<std::string> states;
  for (State state : kAllStates) states.emplace_back(StateName(state));
  return yaml::CheckKnown(name, scope.d, "state", states);
}

}  // namespace

ConditionPtr ParseLifecycle(const yaml::Node& value,
                            const ConditionScope& scope) {
  std::vector<StateAndSubstate> any_of;
  std::vector<std::string> wanted;
  for (const yaml::Node& name : value.AsOneOrMany(scope.d, "lifecycle")) {
    if (!IsKnown(name, scope)) continue;
    const std::vector<std::string> words = Split(name.text(), '/');
    any_of.push_back({ParseState(words[0]).value_or(State::kUnknown),
                      words.size() > 1 ? words[1] : ""});
    wanted.push_back(name.text());
  }
  return std::make_shared<Lifecycle>(std::move(any_of), OneOf(wanted));
}

}  // namespace rekindle

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

// "churned", "churned/driving".
Phrase StateWords(const StateAndSubstate& one) {
  const Phrase state = Phrase::Code("state", StateName(one.state));
  if (one.substate.empty()) return state;
  return Phrase("{}/{}", state, Phrase::Code("substate", one.substate));
}

class Lifecycle : public Comparison {
 public:
  explicit Lifecycle(std::vector<StateAndSubstate> any_of)
      : any_of_(std::move(any_of)) {}

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
  Finding Wanted() const override {
    std::vector<Phrase> states;
    for (const StateAndSubstate& one : any_of_) {
      states.push_back(StateWords(one));
    }
    return {"lifecycle", JoinedByOr(states)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const State state = facts.StateOf(user);
    const std::string substate = facts.SubstateOf(user);
    finding.actual = StateWords({state, substate});
    finding.holds = std::any_of(
        any_of_.begin(), any_of_.end(), [&](const StateAndSubstate& one) {
          return one.state == state &&
                 (one.substate.empty() || one.substate == substate);
        });
    return finding;
  }

 private:
  std::vector<StateAndSubstate> any_of_;
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
  for (const yaml::Node& name : value.AsOneOrMany(scope.d, "lifecycle")) {
    if (!IsKnown(name, scope)) continue;
    const std::vector<std::string> words = Split(name.text(), '/');
    any_of.push_back({ParseState(words[0]).value_or(State::kUnknown),
                      words.size() > 1 ? words[1] : ""});
  }
  return std::make_shared<Lifecycle>(std::move(any_of));
}

}  // namespace rekindle

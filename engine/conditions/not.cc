// not: {lifecycle: new}
#include "engine/conditions/nesting.h"

namespace rekindle {
namespace {

class Not : public Nesting {
 public:
  explicit Not(ConditionPtr inner)
      : Nesting("not", Phrase("it does not hold"), {std::move(inner)}) {}

  UserSet SelectAmong(const Facts& facts, const UserSet& among) const override {
    return among - parts().front()->SelectAmong(facts, among);
  }

  SetPlan::Term Plan(Terms& terms) const override {
    return terms.Minus(terms.Known(), parts().front()->Plan(terms));
  }

 protected:
  bool HoldsWith(size_t holding) const override { return holding == 0; }
};

}  // namespace

ConditionPtr ParseNot(const yaml::Node& value, const ConditionScope& scope) {
  ConditionScope inside = scope;
  inside.warn_of_months = false;
  return std::make_shared<Not>(ParseConditionMap(value, inside, "not"));
}

}  // namespace rekindle

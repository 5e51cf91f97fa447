// any: [{lifecycle: dormant}, {tag: vip}]
#include "engine/conditions/nesting.h"

namespace rekindle {
namespace {

class Any : public Nesting {
 public:
  explicit Any(std::vector<ConditionPtr> parts)
      : Nesting("any", Phrase("one of them"), std::move(parts)) {}

  UserSet SelectAmong(const Facts& facts, const UserSet& among) const override {
    UserSet users;
    for (bool events : {false, true}) {
      for (const ConditionPtr& part : parts()) {
        if (part->ReadsEvents() != events) continue;
        users |= part->SelectAmong(facts, among - users);
      }
    }
    return users;
  }

  SetPlan::Term Plan(Terms& terms) const override {
    if (ReadsEvents()) return Condition::Plan(terms);
    SetPlan::Term users = terms.Nobody();
    for (const ConditionPtr& part : parts()) {
      users = terms.Or(users, part->Plan(terms));
    }
    return users;
  }

 protected:
  bool HoldsWith(size_t holding) const override { return holding > 0; }
};

}  // namespace

ConditionPtr ParseAny(const yaml::Node& value, const ConditionScope& scope) {
  return std::make_shared<Any>(ParseParts(value, scope, "any"));
}

}  // namespace rekindle

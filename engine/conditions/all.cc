// all: [{lifecycle: dormant}, {tag: vip}]
//
// Also what keys side by side mean.
#include <fmt/format.h>

#include <algorithm>

#include "engine/conditions/nesting.h"

namespace rekindle {
namespace {

class All : public Nesting {
 public:
  explicit All(std::vector<ConditionPtr> parts)
      : Nesting("all", Phrase("all of them"), std::move(parts)) {}

  // Raw events are read last, for those whom the columns leave over.
  UserSet SelectAmong(const Facts& facts, const UserSet& among) const override {
    UserSet users = among;
    for (bool events : {false, true}) {
      for (const ConditionPtr& part : parts()) {
        if (part->ReadsEvents() != events) continue;
        users = part->SelectAmong(facts, users);
        if (users.Empty()) return users;
      }
    }
    return users;
  }

  SetPlan::Term Plan(Terms& terms) const override {
    // Then for as few as possible.
    if (ReadsEvents()) return Condition::Plan(terms);
    SetPlan::Term users = parts().front()->Plan(terms);
    for (const ConditionPtr& part : parts()) {
      users = terms.And(users, part->Plan(terms));
    }
    return users;
  }

 protected:
  bool HoldsWith(size_t holding) const override {
    return holding == parts().size();
  }
};

}  // namespace

ConditionPtr AllOf(std::vector<ConditionPtr> parts) {
  if (parts.size() == 1) return parts.front();
  return std::make_shared<All>(std::move(parts));
}

ConditionPtr ParseAll(const yaml::Node& value, const ConditionScope& scope) {
  return std::make_shared<All>(ParseParts(value, scope, "all"));
}

}  // namespace rekindle

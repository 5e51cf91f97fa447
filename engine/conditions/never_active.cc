// never_active: true
//
// No activity event at all, whatever the registration.
#include "engine/conditions/count_range.h"
#include "engine/conditions/parser.h"

namespace rekindle {
namespace {

class NeverActive : public Comparison {
 public:
  explicit NeverActive(bool wanted) : wanted_(wanted) {}

  UserSet Select(const Facts& facts) const override {
    const UserSet active =
        facts.DaysPresent(BehaviorSet::kActivity, std::nullopt, 1, kMany);
    return wanted_ ? facts.Known() - active : active;
  }

  void Collect(ConditionUses* uses) const override {
    uses->behaviors.insert(BehaviorSet::kActivity);
  }

 protected:
  Finding Wanted() const override {
    return {"never_active", wanted_ ? Phrase("true") : Phrase("false")};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const int days = facts.DaysOf(user, BehaviorSet::kActivity, std::nullopt);
    finding.actual = days == 0 ? Phrase("no activity")
                               : Phrase("activity on {}", CountOfDays(days));
    finding.holds = (days == 0) == wanted_;
    return finding;
  }

 private:
  bool wanted_;
};

}  // namespace

ConditionPtr ParseNeverActive(const yaml::Node& value,
                              const ConditionScope& scope) {
  const auto wanted = value.AsBool(scope.d, "never_active");
  return wanted ? std::make_shared<NeverActive>(*wanted) : nullptr;
}

}  // namespace rekindle

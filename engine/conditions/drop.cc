// drop: {within: 30 days, by: 50%}
// drop: {behavior: trip, within: 4 weeks, by: 30%}
//
// Days with activity (or the behavior) in the last so many days, against as
// many days before them: fewer by at least the share. Who had none before
// cannot drop. Windows are of equal length, so natural months do not serve.
#include <fmt/format.h>

#include <cmath>

#include "engine/conditions/deed.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

constexpr int kMostDays = 3660;  // ten years

class Drop : public Comparison {
 public:
  Drop(BehaviorIndex behavior, std::string name, int days, double share)
      : behavior_(behavior),
        name_(std::move(name)),
        days_(days),
        share_(share) {}

  UserSet Select(const Facts& facts) const override {
    return facts.Dropped(QuestionAt(facts));
  }

  SetPlan::Term Plan(Terms& terms) const override {
    return terms.Dropped(QuestionAt(terms.facts()));
  }

  void Collect(ConditionUses* uses) const override {
    uses->behaviors.insert(behavior_);
  }

 protected:
  Finding Wanted() const override {
    return {"drop", Phrase("{} on at least {}% fewer of the last {} than of "
                           "the {} before",
                           name_, fmt::format("{:g}", 100 * share_),
                           CountOfDays(days_), days_)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const DropQuestion question = QuestionAt(facts);
    const int fewer = facts.DaysOf(user, behavior_, question.now);
    const int more = facts.DaysOf(user, behavior_, question.before);
    finding.actual =
        Phrase("{} after {}", CountOfDays(fewer), CountOfDays(more));
    if (more > 0) {
      const double change = 100.0 * (fewer - more) / static_cast<double>(more);
      finding.actual =
          Phrase("{} ({}%)", finding.actual, fmt::format("{:+.1f}", change));
    }
    finding.holds = question.Holds(fewer, more);
    return finding;
  }

 private:
  DropQuestion QuestionAt(const Facts& facts) const {
    const LocalDay first = facts.today() - std::chrono::days(days_ - 1);
    return {behavior_,
            {first, facts.today()},
            {first - std::chrono::days(days_), first - std::chrono::days(1)},
            std::llround(share_ * 100'000)};
  }

  BehaviorIndex behavior_;
  std::string name_;
  int days_;
  double share_;
};

// Whole days or weeks, as days.
std::optional<int> ParseDays(const yaml::Node& node,
                             const ConditionScope& scope) {
  const auto within = node.AsDuration(scope.d, "within");
  if (!within) return std::nullopt;
  const bool weeks = within->unit == DurationUnit::kWeek;
  if (weeks || within->unit == DurationUnit::kDay) {
    const int64_t days = int64_t{within->count} * (weeks ? 7 : 1);
    if (days <= kMostDays) return static_cast<int>(days);
    scope.d.Error(node.position(),
                  fmt::format("drop compares windows of at most {} days, not "
                              "of \"{}\"",
                              kMostDays, node.text()));
    return std::nullopt;
  }
  scope.d.Error(node.position(),
                fmt::format("drop compares windows of equal length, so its "
                            "\"within\" is in days or weeks, not \"{}\"",
                            node.text()));
  return std::nullopt;
}

std::optional<double> ParseBy(const yaml::Node& node,
                              const ConditionScope& scope) {
  const auto share = node.AsShare(scope.d, "by");
  if (!share || *share > 0) return share;
  scope.d.Error(node.position(),
                "by must be above 0%: a drop by nothing is "
                "none");
  return std::nullopt;
}

}  // namespace

ConditionPtr ParseDrop(const yaml::Node& value, const ConditionScope& scope) {
  yaml::Section section(value, scope.d, "drop");
  std::optional<BehaviorIndex> behavior = BehaviorSet::kActivity;
  std::string name = "activity";
  if (const auto node = section.Take("behavior")) {
    behavior = ParseBehaviorName(*node, scope, "behavior");
    name = node->text();
  }
  std::optional<int> days;
  if (const auto node = section.Require("within"))
    days = ParseDays(*node, scope);
  std::optional<double> share;
  if (const auto node = section.Require("by")) share = ParseBy(*node, scope);
  section.Finish();
  if (!behavior || !days || !share) return nullptr;
  return std::make_shared<Drop>(*behavior, name, *days, *share);
}

}  // namespace rekindle

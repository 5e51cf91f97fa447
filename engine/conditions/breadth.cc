// breadth: {behaviors: [trip, shop, community], within: 30 days, gte: 2}
//
// How many of the behaviors were done at least once in the time.
#include <fmt/format.h>

#include <algorithm>

#include "engine/conditions/deed.h"

namespace rekindle {
namespace {

class Breadth : public Comparison {
 public:
  // `deeds`: one a behavior, each `did` in the time.
  Breadth(std::vector<Deed> deeds, std::vector<ConditionPtr> done,
          CountRange range)
      : deeds_(std::move(deeds)), done_(std::move(done)), range_(range) {}

  UserSet Select(const Facts& facts) const override {
    return SelectAmong(facts, facts.Known());
  }

  UserSet SelectAmong(const Facts& facts, const UserSet& among) const override {
    // reached[n]: those who did at least n of the behaviors so far.
    std::vector<UserSet> reached(done_.size() + 2);
    reached[0] = among;
    for (size_t i = 0; i < done_.size(); ++i) {
      const UserSet did = done_[i]->SelectAmong(facts, among);
      for (size_t n = i + 1; n > 0; --n) reached[n] |= reached[n - 1] & did;
    }
    return reached[Place(range_.at_least)] -
           reached[Place(int64_t{range_.at_most} + 1)];
  }

  SetPlan::Term Plan(Terms& terms) const override {
    if (ReadsEvents()) return Condition::Plan(terms);
    const size_t enough = Place(range_.at_least);
    const size_t too_many = Place(int64_t{range_.at_most} + 1);
    const size_t counted = too_many > done_.size() ? enough : too_many;
    std::vector<SetPlan::Term> reached(done_.size() + 2, terms.Nobody());
    reached[0] = terms.Known();
    for (size_t i = 0; i < done_.size(); ++i) {
      const SetPlan::Term did = done_[i]->Plan(terms);
      for (size_t n = std::min(i + 1, counted); n > 1; --n) {
        reached[n] = terms.Or(reached[n], terms.And(reached[n - 1], did));
      }
      reached[1] = terms.Or(reached[1], did);
    }
    return terms.Minus(reached[enough], reached[too_many]);
  }

  bool ReadsEvents() const override { return deeds_.front().ReadsEvents(); }

  void Collect(ConditionUses* uses) const override {
    for (const Deed& deed : deeds_) uses->behaviors.insert(deed.behavior);
  }

 protected:
  Finding Wanted() const override {
    std::vector<std::string> names;
    for (const Deed& deed : deeds_) names.push_back(deed.name);
    Phrase wanted = Phrase("{} of {}", range_.Text(), Joined("{}, {}", names));
    if (const auto& within = deeds_.front().within) {
      wanted = Phrase("{} within {}", wanted, PhraseOf(*within));
    }
    return {"breadth", wanted};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    std::vector<std::string> names;
    for (size_t i = 0; i < done_.size(); ++i) {
      if (done_[i]->Explain(facts, user).holds) names.push_back(deeds_[i].name);
    }
    const int count = static_cast<int>(names.size());
    finding.actual = count == 0
                         ? Phrase("none of them")
                         : Phrase("{}: {}", count, Joined("{}, {}", names));
    finding.holds = range_.Holds(count);
    return finding;
  }

 private:
  // Of those who did at least n: nobody did more than there are behaviors.
  size_t Place(int64_t n) const {
    return static_cast<size_t>(std::min<int64_t>(n, done_.size() + 1));
  }

  std::vector<Deed> deeds_;
  std::vector<ConditionPtr> done_;
  CountRange range_;
};

// One `did` a behavior; one that stands twice is reported.
std::vector<Deed> ParseBehaviors(const yaml::Node& node,
                                 const ConditionScope& scope) {
  std::vector<Deed> deeds;
  for (const yaml::Node& name : node.AsOneOrMany(scope.d, "behaviors")) {
    const auto behavior = ParseBehaviorName(name, scope, "behaviors");
    if (!behavior) continue;
    Deed deed;
    deed.behavior = *behavior;
    deed.name = name.text();
    const bool twice = std::any_of(
        deeds.begin(), deeds.end(),
        [&](const Deed& other) { return other.behavior == *behavior; });
    if (twice) {
      scope.d.Error(name.position(), fmt::format("behavior \"{}\" stands twice "
                                                 "in breadth",
                                                 deed.name));
    }
    deeds.push_back(std::move(deed));
  }
  return deeds;
}

void CheckCount(const yaml::Node& at, const CountRange& range, size_t behaviors,
                const ConditionScope& scope) {
  if (range.at_least <= static_cast<int64_t>(behaviors)) return;
  scope.d.Error(at.position(),
                fmt::format("breadth can never hold: {} of {} behaviors",
                            range.Text().English(), behaviors));
}

}  // namespace

ConditionPtr ParseBreadth(const yaml::Node& value,
                          const ConditionScope& scope) {
  const int errors_before = scope.d.errors();
  yaml::Section section(value, scope.d, "breadth");
  std::vector<Deed> deeds;
  if (const auto node = section.Require("behaviors")) {
    deeds = ParseBehaviors(*node, scope);
  }
  if (const auto node = section.Take("within")) {
    const auto within = node->AsDuration(scope.d, "within");
    for (Deed& deed : deeds) deed.within = within;
  }
  const auto range = TakeCountRange(section, "breadth");
  section.Finish();
  if (scope.d.errors() != errors_before || !range) return nullptr;
  CheckCount(value, *range, deeds.size(), scope);
  std::vector<ConditionPtr> done;
  for (const Deed& deed : deeds) done.push_back(MakeDid(deed));
  return std::make_shared<Breadth>(std::move(deeds), std::move(done), *range);
}

}  // namespace rekindle

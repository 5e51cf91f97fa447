// segment: city_drivers
// segment: [city_drivers, night_owls]
#include <algorithm>

#include "engine/conditions/parser.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

class InSegments : public Comparison {
 public:
  InSegments(std::vector<size_t> segments, std::vector<std::string> names)
      : segments_(std::move(segments)), names_(std::move(names)) {}

  UserSet Select(const Facts& facts) const override {
    UserSet users;
    for (size_t segment : segments_) users |= facts.InSegment(segment);
    return users;
  }

  SetPlan::Term Plan(Terms& terms) const override {
    SetPlan::Term users = terms.Nobody();
    for (size_t segment : segments_) {
      users = terms.Or(users, terms.InSegment(segment));
    }
    return users;
  }

  void Collect(ConditionUses* uses) const override {
    uses->segments.insert(segments_.begin(), segments_.end());
  }

 protected:
  Finding Wanted() const override { return {"segment", JoinedByOr(names_)}; }

  // One part a segment: its own condition's finding, under the segment's name
  // where several are asked for.
  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    std::vector<std::string> present;
    for (size_t i = 0; i < segments_.size(); ++i) {
      const Segment& segment = facts.settings().segments[segments_[i]];
      Finding part = segment.condition->Explain(facts, user);
      if (part.holds) present.push_back(names_[i]);
      if (segments_.size() > 1) {
        part = {"segment",
                names_[i],
                part.holds ? names_[i] : Phrase("not in it"),
                part.holds,
                {part}};
      }
      finding.parts.push_back(std::move(part));
    }
    finding.holds = !present.empty();
    finding.actual =
        present.empty() ? Phrase("not in it") : Joined("{}, {}", present);
    return finding;
  }

 private:
  std::vector<size_t> segments_;
  std::vector<std::string> names_;
};

}  // namespace

ConditionPtr ParseSegment(const yaml::Node& value,
                          const ConditionScope& scope) {
  const std::vector<std::string>& known = scope.vocabulary.segments;
  std::vector<size_t> segments =
      ParseNames(value, scope, "segment", "segment", known);
  std::vector<std::string> names;
  for (size_t segment : segments) names.push_back(known[segment]);
  return std::make_shared<InSegments>(std::move(segments), std::move(names));
}

}  // namespace rekindle

// What the files of conditions share: the signature of a parser, and the base
// class of conditions that compare one thing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/yaml/node.h"
#include "engine/conditions/condition.h"
#include "engine/conditions/terms.h"

namespace rekindle {

using ConditionPtr = std::shared_ptr<const Condition>;

// What a parser knows of its surroundings.
struct ConditionScope {
  const Vocabulary& vocabulary;
  yaml::Diagnostics& d;
  // Warn where months of inactivity stand without a floor in days: off below
  // `not`, and in substates, which are cut at the period's end anyway.
  bool warn_of_months = true;
};

// Parses the value of one key. Problems go to the scope's diagnostics; the
// result, possibly nullptr, is then dropped with the map it stands in.
using ConditionParser = ConditionPtr (*)(const yaml::Node& value,
                                         const ConditionScope& scope);

ConditionPtr ParseAll(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseAny(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseBreadth(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseDid(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseDidNot(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseDrop(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseInactive(const yaml::Node& value,
                           const ConditionScope& scope);
ConditionPtr ParseLifecycle(const yaml::Node& value,
                            const ConditionScope& scope);
ConditionPtr ParseNeverActive(const yaml::Node& value,
                              const ConditionScope& scope);
ConditionPtr ParseNot(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParsePrefers(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseNotTouched(const yaml::Node& value,
                             const ConditionScope& scope);
ConditionPtr ParseProfile(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseSegment(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseTag(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseTouched(const yaml::Node& value, const ConditionScope& scope);
ConditionPtr ParseTopPreference(const yaml::Node& value,
                                const ConditionScope& scope);

// A whole map of conditions; nullptr after any problem.
ConditionPtr ParseConditionMap(const yaml::Node& node,
                               const ConditionScope& scope,
                               std::string_view what);

// All of `parts` (at least one; a single one is given back as it is).
ConditionPtr AllOf(std::vector<ConditionPtr> parts);

// A condition that compares what is with what is wanted. It holds for nobody
// who is not known, whatever the comparison would say.
class Comparison : public Condition {
 public:
  Finding Explain(const Facts& facts, UserNumber user) const final;

 protected:
  // REQUIRES: the user is known.
  virtual Finding Compare(const Facts& facts, UserNumber user) const = 0;
  // The finding for a user who is not known.
  virtual Finding Wanted() const = 0;
};

// The finding of a user who is not known at the time asked about.
Finding NotKnown(Finding wanted);

// The indexes of one or more names; what is unknown is reported and left out.
std::vector<size_t> ParseNames(const yaml::Node& value,
                               const ConditionScope& scope,
                               std::string_view key, std::string_view what,
                               const std::vector<std::string>& known);

}  // namespace rekindle

#include "engine/conditions/nesting.h"

#include <fmt/format.h>

#include <algorithm>

namespace rekindle {

UserSet Nesting::Select(const Facts& facts) const {
  return SelectAmong(facts, facts.Known());
}

bool Nesting::ReadsEvents() const {
  return std::any_of(
      parts_.begin(), parts_.end(),
      [](const ConditionPtr& part) { return part->ReadsEvents(); });
}

Finding Nesting::Explain(const Facts& facts, UserNumber user) const {
  Finding finding{key_, wanted_};
  if (!facts.Known().Contains(user)) return NotKnown(finding);
  size_t holding = 0;
  for (const ConditionPtr& part : parts_) {
    finding.parts.push_back(part->Explain(facts, user));
    holding += finding.parts.back().holds;
  }
  if (parts_.size() > 1) {
    finding.actual = Phrase("{} of {} hold", holding, parts_.size());
  } else {
    finding.actual =
        holding == 1 ? Phrase("it holds") : Phrase("it does not hold");
  }
  finding.holds = HoldsWith(holding);
  return finding;
}

void Nesting::Collect(ConditionUses* uses) const {
  for (const ConditionPtr& part : parts_) part->Collect(uses);
}

std::vector<ConditionPtr> ParseParts(const yaml::Node& value,
                                     const ConditionScope& scope,
                                     std::string_view key) {
  if (!value.IsList() || value.Items().empty()) {
    scope.d.Error(value.position(),
                  fmt::format("{} must be a list of conditions, like "
                              "[{{lifecycle: dormant}}, {{tag: vip}}]",
                              key));
    return {};
  }
  std::vector<ConditionPtr> parts;
  for (const yaml::Node& item : value.Items()) {
    parts.push_back(
        ParseConditionMap(item, scope, fmt::format("an item of {}", key)));
  }
  return parts;
}

}  // namespace rekindle

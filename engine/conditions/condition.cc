#include "engine/conditions/condition.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/conditions/parser.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

// Every condition there is, in the order messages list them.
struct ConditionKey {
  std::string_view key;
  ConditionParser parse;
};
constexpr ConditionKey kConditions[] = {
    {"lifecycle", ParseLifecycle},
    {"inactive", ParseInactive},
    {"never_active", ParseNeverActive},
    {"prefers", ParsePrefers},
    {"top_preference", ParseTopPreference},
    {"profile", ParseProfile},
    {"did", ParseDid},
    {"did_not", ParseDidNot},
    {"breadth", ParseBreadth},
    {"drop", ParseDrop},
    {"touched", ParseTouched},
    {"not_touched", ParseNotTouched},
    {"segment", ParseSegment},
    {"tag", ParseTag},
    {"all", ParseAll},
    {"any", ParseAny},
    {"not", ParseNot},
};

}  // namespace

PlanTerm Condition::Plan(Terms& terms) const {
  return terms.Whole(Select(terms.facts()));
}

Vocabulary VocabularyOf(const EngineSettings& settings) {
  Vocabulary vocabulary;
  vocabulary.behaviors = &settings.behaviors;
  vocabulary.calendar = settings.calendar;
  vocabulary.period = settings.lifecycle.period;
  vocabulary.rules = settings.rule_ids;
  vocabulary.channels = settings.channel_ids;
  vocabulary.raw_events_kept = settings.retain_raw_events;
  for (const Label& label : settings.preferences.labels) {
    vocabulary.labels.push_back(label.name);
  }
  for (const Segment& segment : settings.segments) {
    vocabulary.segments.push_back(segment.name);
  }
  for (const auto& [state, substates] : settings.lifecycle.substates) {
    for (const Substate& substate : substates) {
      vocabulary.substates.push_back(
          fmt::format("{}/{}", StateName(state), substate.name));
    }
    vocabulary.substates.push_back(fmt::format("{}/other", StateName(state)));
  }
  return vocabulary;
}

ConditionPtr ParseConditionMap(const yaml::Node& node,
                               const ConditionScope& scope,
                               std::string_view what) {
  if (!node.IsMap()) {
    scope.d.Error(
        node.position(),
        fmt::format("{} must be a map of conditions, like {{lifecycle: "
                    "dormant}}, not {}",
                    what, node.KindName()));
    return nullptr;
  }
  if (node.Entries().empty()) {
    scope.d.Error(node.position(),
                  fmt::format("{} needs at least one condition", what));
    return nullptr;
  }
  std::vector<std::string> keys;
  for (const ConditionKey& condition : kConditions) {
    keys.emplace_back(condition.key);
  }
  yaml::NoteKeys(node, scope.d, keys);
  const int errors_before = scope.d.errors();
  std::vector<ConditionPtr> parts;
  for (const auto& [key, value] : node.Entries()) {
    if (!yaml::CheckKnown(key, scope.d, "condition", keys)) continue;
    const auto index =
        std::find(keys.begin(), keys.end(), key.text()) - keys.begin();
    parts.push_back(kConditions[index].parse(value, scope));
  }
  if (scope.d.errors() != errors_before) return nullptr;
  return AllOf(std::move(parts));
}

std::shared_ptr<const Condition> ParseCondition(const yaml::Node& node,
                                                const Vocabulary& vocabulary,
                                                yaml::Diagnostics& d,
                                                std::string_view what) {
  return ParseConditionMap(node, ConditionScope{vocabulary, d}, what);
}

Finding NotKnown(Finding wanted) {
  wanted.actual = Phrase("not known at this time");
  wanted.holds = false;
  return wanted;
}

Finding Comparison::Explain(const Facts& facts, UserNumber user) const {
  if (!facts.Known().Contains(user)) return NotKnown(Wanted());
  return Compare(facts, user);
}

std::vector<size_t> ParseNames(const yaml::Node& value,
                               const ConditionScope& scope,
                               std::string_view key, std::string_view what,
                               const std::vector<std::string>& known) {
  std::vector<size_t> indexes;
  for (const yaml::Node& name : value.AsOneOrMany(scope.d, key)) {
    if (!yaml::CheckKnown(name, scope.d, what, known)) continue;
    const auto at = std::find(known.begin(), known.end(), name.text());
    indexes.push_back(at - known.begin());
  }
  return indexes;
}

}  // namespace rekindle

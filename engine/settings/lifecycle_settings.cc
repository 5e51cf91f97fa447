#include <fmt/format.h>

#include <set>

#include "config/base/words.h"
#include "config/yaml/names.h"
#include "engine/conditions/parser.h"
#include "engine/settings/sections.h"

namespace rekindle {
namespace {

constexpr int64_t kLongestChurn = 1200;  // periods

// The names of segments that lead from `uses` to one that asks for a state,
// outermost first; empty where none does.
std::vector<std::string> WayToState(const ConditionUses& uses,
                                    const std::vector<Segment>& segments,
                                    std::set<size_t>* seen) {
  for (size_t index : uses.segments) {
    const Segment& segment = segments[index];
    if (!seen->insert(index).second || !segment.condition) continue;
    ConditionUses inner;
    segment.condition->Collect(&inner);
    if (inner.lifecycle) return {segment.name};
    auto way = WayToState(inner, segments, seen);
    if (way.empty()) continue;
    way.insert(way.begin(), segment.name);
    return way;
  }
  return {};
}

}  // namespace

LifecycleParser::LifecycleParser(const std::optional<yaml::Node>& node,
                                 yaml::Diagnostics& d,
                                 LifecycleSettings* settings)
    : d_(d), settings_(settings) {
  if (!node) return;
  yaml::Section section(*node, d, "lifecycle");
  if (const auto period = section.Take("period")) {
    if (yaml::CheckKnown(*period, d, "period", {"month", "week", "day"})) {
      settings->period = *ParsePeriodUnit(period->text());
    }
  }
  settings->churned_after = static_cast<int>(section.GetInteger(
      "churned_after", settings->churned_after, 1, kLongestChurn));
  if (const auto substates = section.Take("substates")) {
    ParseSubstates(*substates);
  }
  section.Finish();
}

void LifecycleParser::ParseSubstates(const yaml::Node& node) {
  std::vector<std::string> states;
  for (State state : kAllStates) states.emplace_back(StateName(state));
  for (const auto& [key, named] : EntriesOf(node, d_, "substates")) {
    if (!yaml::CheckKnown(key, d_, "state", states)) continue;
    const State state = *ParseState(key.text());
    NameBook names("substate");
    for (const auto& [name, condition] :
         EntriesOf(named, d_, "substates of " + key.text())) {
      if (!names.Add(name, d_)) continue;
      if (name.text() == "other") {
        d_.Error(name.position(),
                 "the substate \"other\" is what the named ones leave over; "
                 "choose another name");
        continue;
      }
      std::vector<Substate>& substates = settings_->substates[state];
      entries_.push_back({state, substates.size(), condition});
      substates.push_back({name.text(), nullptr});
    }
  }
}

void LifecycleParser::ParseConditions(const Vocabulary& vocabulary,
                                      const std::vector<Segment>& segments) {
  for (const Entry& entry : entries_) {
    Substate& substate = settings_->substates[entry.state][entry.index];
    const std::string what = fmt::format("substate \"{}\" of {}", substate.name,
                                         StateName(entry.state));
    ConditionScope scope{vocabulary, d_, /*warn_of_months=*/false};
    substate.condition = ParseConditionMap(entry.node, scope, what);
    if (!substate.condition) continue;

    ConditionUses uses;
    substate.condition->Collect(&uses);
    std::set<size_t> seen;
    const auto way = WayToState(uses, segments, &seen);
    if (!uses.lifecycle && way.empty()) continue;
    const std::string through =
        uses.lifecycle ? "" : " through segment " + Join(way, " -> ");
    d_.Error(entry.node.position(),
             fmt::format("{} asks for \"lifecycle\"{}: a substate is a part of "
                         "a state, so it cannot depend on one",
                         what, through));
  }
}

}  // namespace rekindle

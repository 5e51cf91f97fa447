#include "engine/standings/standings.h"

#include <utility>

#include "engine/audience/named_sets.h"
#include "engine/audience/snapshot.h"

namespace rekindle {

Standings FindStandings(const Snapshot& facts) {
  const EngineSettings& settings = facts.settings();
  facts.ComputeAll();
  Standings standings;
  for (State state : kAllStates) {
    standings.push_back({SetKind::kState, std::string(StateName(state)),
                         facts.InState(state, "")});
  }
  for (const auto& [state, substates] : settings.lifecycle.substates) {
    if (substates.empty()) continue;
    const auto add = [&, state = state](std::string_view substate) {
      std::string name(StateName(state));
      name.append("/").append(substate);
      standings.push_back({SetKind::kSubstate, std::move(name),
                           facts.InState(state, substate)});
    };
    for (const Substate& substate : substates) add(substate.name);
    add(kOtherSubstate);
  }
  for (size_t i = 0; i < settings.preferences.labels.size(); ++i) {
    standings.push_back({SetKind::kLabel, settings.preferences.labels[i].name,
                         facts.Labeled(i)});
  }
  for (size_t i = 0; i < settings.segments.size(); ++i) {
    standings.push_back(
        {SetKind::kSegment, settings.segments[i].name, facts.InSegment(i)});
  }
  return standings;
}

void AddToStanding(const NamedSet& set, Standing* standing) {
  switch (set.kind) {
    case SetKind::kState:
      standing->state = ParseState(set.name).value_or(State::kUnknown);
      break;
    case SetKind::kSubstate:
      standing->substate = set.name.substr(set.name.find('/') + 1);
      break;
    case SetKind::kLabel:
      if (!standing->labels.empty()) standing->labels += ';';
      standing->labels += set.name;
      break;
    case SetKind::kSegment:
      break;
  }
}

}  // namespace rekindle

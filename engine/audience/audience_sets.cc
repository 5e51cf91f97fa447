#include "engine/audience/audience_sets.h"

#include "engine/audience/plan_terms.h"
#include "engine/audience/snapshot.h"
#include "engine/model/settings.h"
#include "engine/preferences/label_scan.h"
#include "engine/sets/set_memory.h"

namespace rekindle {
namespace {

// Where each set stands among the rows: states, labels, substates, segments.
struct Places {
  explicit Places(const EngineSettings& settings) {
    labels = StateScan::kRows;
    size_t next = labels + settings.preferences.labels.size();
    for (const auto& [state, named] : settings.lifecycle.substates) {
      substates[static_cast<size_t>(state)] = next;
      if (!named.empty()) next += named.size() + 1;  // the rest
    }
    segments = next;
    all = segments + settings.segments.size();
  }

  size_t labels = 0;
  std::array<size_t, kStates> substates{};
  size_t segments = 0;
  size_t all = 0;
};

// The terms of a pass that fills the rows: states and labels are read from
// where the pass has just put them.
class PassTerms : public PlanTerms {
 public:
  PassTerms(const Snapshot& facts, const SetRows& rows, const Places& places)
      : PlanTerms(facts), rows_(rows), places_(places) {
    for (State state : kAllStates) {
      const auto& substates = Substates(state);
      for (size_t i = 0; i < substates.size(); ++i) {
        plan_.Write(
            substates[i],
            rows.words(places.substates[static_cast<size_t>(state)] + i));
      }
    }
    for (size_t i = 0; i < facts.settings().segments.size(); ++i) {
      plan_.Write(InSegment(i), rows.words(places.segments + i));
    }
    Finish();
  }

  Term Known() override { return Row(0); }
  Term Labeled(size_t label) override { return Row(places_.labels + label); }

 protected:
  Term WholeState(State state) override {
    return Row(static_cast<size_t>(state));
  }

 private:
  Term Row(size_t row) {
    // Whole blocks, as the pass writes them.
    return plan_.Given(rows_.words(row), rows_.room());
  }

  const SetRows& rows_;
  const Places& places_;
};

std::vector<uint64_t*> LabelRows(const SetRows& rows, const Places& places,
                                 size_t labels) {
  std::vector<uint64_t*> words;
  for (size_t label = 0; label < labels; ++label) {
    words.push_back(rows.words(places.labels + label));
  }
  return words;
}

}  // namespace

AudienceSets ComputeAudienceSets(const Snapshot& facts) {
  const EngineSettings& settings = facts.settings();
  const size_t labels = settings.preferences.labels.size();
  const uint32_t universe = facts.users().size();
  const Places places(settings);
  const SetRows rows(facts.users_as_of().set_memory(), places.all, universe);
  const StateScan state_scan(facts.users_as_of(), rows);
  const LabelScan label_scan(facts.users_as_of(),
                             LabelRows(rows, places, labels));
  const PassTerms terms(facts, rows, places);
  facts.workers().ForEach(BlocksOf(universe), [&](size_t i) {
    thread_local SetPlan::Bench bench;
    const auto block = static_cast<uint32_t>(i);
    state_scan.Block(block);
    label_scan.Block(block, rows.words(0));
    terms.Run(block, bench);
  });
  AudienceSets sets;
  sets.states = state_scan.Get();
  for (size_t label = 0; label < labels; ++label) {
    sets.labels.push_back(rows.Get(places.labels + label));
  }
  for (const auto& [state, substates] : settings.lifecycle.substates) {
    if (substates.empty()) continue;
    const auto s = static_cast<size_t>(state);
    for (size_t i = 0; i <= substates.size(); ++i) {
      sets.substates[s].push_back(rows.Get(places.substates[s] + i));
    }
  }
  for (size_t i = 0; i < settings.segments.size(); ++i) {
    sets.segments.push_back(rows.Get(places.segments + i));
  }
  return sets;
}

}  // namespace rekindle

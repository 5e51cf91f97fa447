#include <set>

#include "engine/conditions/condition.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

// Follows what a condition refers to down to behaviors.
class Needs {
 public:
  explicit Needs(const EngineSettings& settings) : settings_(settings) {}

  void Add(const Condition& condition) {
    ConditionUses uses;
    condition.Collect(&uses);
    behaviors_.insert(uses.behaviors.begin(), uses.behaviors.end());
    for (size_t label : uses.labels) {
      behaviors_.insert(settings_.preferences.labels[label].behavior);
    }
    for (size_t segment : uses.segments) {
      if (!segments_.insert(segment).second) continue;
      Add(*settings_.segments[segment].condition);
    }
    if (uses.substates && !substates_) {
      substates_ = true;
      for (const auto& [state, substates] : settings_.lifecycle.substates) {
        for (const Substate& substate : substates) Add(*substate.condition);
      }
    }
  }
  std::set<BehaviorIndex> Take() { return std::move(behaviors_); }

 private:
  const EngineSettings& settings_;
  std::set<BehaviorIndex> behaviors_ = {BehaviorSet::kActivity};
  std::set<size_t> segments_;
  bool substates_ = false;
};

}  // namespace

std::set<BehaviorIndex> BehaviorsNeeded(const Condition& condition,
                                        const EngineSettings& settings) {
  Needs needs(settings);
  needs.Add(condition);
  return needs.Take();
}

}  // namespace rekindle

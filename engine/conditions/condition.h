// Who: the conditions of rules, segments and substates; README.md says what
// authors may write.
//
// One file a condition in this folder, each with its parser, its set and
// its explanation; all of them are listed in condition.cc. To add one, write
// its file and add its line there.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/base/phrase.h"
#include "config/yaml/node.h"
#include "engine/conditions/facts.h"

namespace rekindle {

class Terms;
using PlanTerm = uint32_t;  // SetPlan::Term

// Why a condition holds for one user or does not: the values compared.
struct Finding {
  std::string key;  // "inactive", "prefers", "all", ...
  Phrase wanted;    // "at least 1 month, 14 days"
  Phrase actual;    // "2 months, 45 days (last active 2026-01-03)"
  bool holds = false;
  std::vector<Finding> parts;  // of all / any / not / segment
};

// The behaviors, segments and labels that a condition refers to.
struct ConditionUses {
  std::set<BehaviorIndex> behaviors;
  std::set<size_t> segments;
  std::set<size_t> labels;
  bool lifecycle = false;
  bool substates = false;  // asks for state/substate
};

// Immutable; thread-safe.
class Condition {
 public:
  virtual ~Condition() = default;
  // All known users for whom it holds.
  virtual UserSet Select(const Facts& facts) const = 0;
  // Those of `among` (known users) for whom it holds. A condition that reads
  // raw events reads them for these users only.
  virtual UserSet SelectAmong(const Facts& facts, const UserSet& among) const {
    return Select(facts) & among;
  }
  virtual bool ReadsEvents() const { return false; }
  // The set that Select gives, as a term of a plan; set algebra where that is
  // possible.
  virtual PlanTerm Plan(Terms& terms) const;
  // Why it holds for the user or does not. Agrees with Select: it holds for
  // nobody who is not known.
  virtual Finding Explain(const Facts& facts, UserNumber user) const = 0;
  virtual void Collect(ConditionUses* uses) const { (void)uses; }
};

// Every behavior whose columns decide the condition, through labels, segments
// and substates too; activity always.
std::set<BehaviorIndex> BehaviorsNeeded(const Condition& condition,
                                        const EngineSettings& settings);

// The names a condition may use; for resolving and for did-you-mean.
struct Vocabulary {
  const BehaviorSet* behaviors = nullptr;
  Calendar calendar = Calendar::Utc();
  std::vector<std::string> labels;
  std::vector<std::string> segments;
  // "state/substate", for each substate configured, "churned/other" included.
  std::vector<std::string> substates;
  // Rules and channels that are configured; touches may name others.
  std::vector<std::string> rules;
  std::vector<std::string> channels;
  PeriodUnit period = PeriodUnit::kMonth;
  std::optional<Duration> raw_events_kept;  // nothing: for ever
};
// The vocabulary of parsed settings.
Vocabulary VocabularyOf(const EngineSettings& settings);

// A map of conditions: keys side by side mean all of them. Problems go to the
// diagnostics and give nullptr. `what` names the place in messages.
std::shared_ptr<const Condition> ParseCondition(const yaml::Node& node,
                                                const Vocabulary& vocabulary,
                                                yaml::Diagnostics& d,
                                                std::string_view what);

}  // namespace rekindle

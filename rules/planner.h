// Works the due slots of rules: plan (what would be), run (write it).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "rules/pipeline.h"

namespace rekindle {

enum class SlotVerdict {
  kWorked,  // planned (or, in plan, would be)
  kDone,    // done before; nothing to do
  kMissed,  // found later than max_late
  kNotDue,  // no due instant yet, or the rule is disabled
  kWaits,   // a behavior it needs is still being filled from raw events
};

struct SlotPlan {
  std::string rule_id;
  std::optional<Instant> slot;
  SlotVerdict verdict = SlotVerdict::kNotDue;
  std::vector<Candidate> candidates;   // by user number
  std::vector<std::string> waits_for;  // behaviors
  int64_t Count(Decision decision) const;
  std::map<std::string, int64_t> SkippedByReason() const;
};

// One tick at a time: callers serialise Run.
class Planner {
 public:
  Planner(Engine& engine, std::shared_ptr<const RuleSet> rules,
          std::vector<ChannelFacts> channels);

  struct Ask {
    std::optional<std::string> rule_id;  // that rule's latest slot even if late
                                         // or done (opened again)
    // The scheduler leaves out slots due before this instant for a rule
    // (first loaded); plan and run do not set it.
    std::function<std::optional<Instant>(const std::string& rule_id)>
        not_before;
  };

  // What Run would do at as_of, writing nothing. In the order of planning: by
  // due minute, then priority (larger first), then file order.
  std::vector<SlotPlan> Plan(Instant as_of, const Ask& ask);
  // Plans each due slot and writes its touches, skips and the slot's end in one
  // transaction a slot.
  std::vector<SlotPlan> Run(Instant as_of, const Ask& ask);

  // Why the rule does or does not reach the user at as_of: the condition's
  // finding and each stage's.
  struct Explanation {
    std::string rule_id;
    Finding condition;
    bool matched = false;
    std::vector<StageFinding> stages;
    Decision decision = Decision::kSkip;
    std::string reason;
  };
  std::vector<Explanation> Explain(UserNumber user, Instant as_of,
                                   std::optional<std::string> rule_id);

 private:
  // A rule and its latest slot, judged against the ledger and max_late.
  struct Due {
    const Rule* rule = nullptr;
    std::optional<Instant> slot;
    SlotVerdict verdict = SlotVerdict::kNotDue;
  };

  std::vector<SlotPlan> Work(Instant as_of, const Ask& ask, bool write);
  // In the order of planning.
  std::vector<Due> DueRules(Instant as_of, const Ask& ask) const;
  Due Judge(const Rule& rule, Instant as_of, const Ask& ask) const;
  // Decides everybody the rule matches who has no touch of the slot yet.
  SlotPlan Decided(const Due& due, const Snapshot& facts, SQLite::Database& db,
                   TickReservations& tick) const;
  // Opens the slot, decides, writes touches and skips, ends the slot.
  SlotPlan Written(const Due& due, const Snapshot& facts, SQLite::Database& db,
                   TickReservations& tick);
  PlanContext Context(const Rule& rule, Instant slot, const Snapshot& facts,
                      SQLite::Database& db, TickReservations& tick) const;
  Explanation ExplainRule(const Due& due, const Snapshot& facts,
                          UserNumber user, TickReservations& tick) const;
  // Where the user has a touch of the slot, that is the explanation.
  bool ExplainTouch(const Due& due, const Snapshot& facts, UserNumber user,
                    Explanation* explanation) const;

  Engine& engine_;
  std::shared_ptr<const RuleSet> rules_;
  std::vector<ChannelFacts> channels_;
};

}  // namespace rekindle

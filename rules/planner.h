// Works the due slots of rules: a plan shows what would be, a run writes it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "rules/pipeline.h"

namespace rekindle {

enum class SlotVerdict {
  kWorked,   // planned (or, in plan, would be)
  kDone,     // done before; nothing to do
  kMissed,   // found later than max_late
  kStopped,  // plans nothing until a person says so: see SlotPlan::reason
  kNotDue,   // no due instant yet, or the rule is disabled
  kWaits,    // a behavior it needs is still being filled from raw events
};

struct SlotPlan {
  std::shared_ptr<const Rule> rule;
  std::string rule_id;
  std::optional<Instant> slot;
  SlotVerdict verdict = SlotVerdict::kNotDue;
  Reason reason = Reason::kNone;  // of kStopped: kPaused, kApproval, ...
  Phrase detail;                  // more of it, for people
  // This run wrote the verdict into the ledger.
  bool recorded = false;
  // By user number. For a stopped slot: what would be decided, if that was
  // worked out (by a plan, where approval or the blast guard stops it).
  std::vector<Candidate> candidates;
  int64_t eligible = 0;
  std::vector<std::string> waits_for;  // behaviors
  int64_t Count(Decision decision) const;
  std::map<std::string, int64_t> SkippedByReason() const;
};

// Why a rule waits, for people: "a, b is being filled in from raw events".
Phrase WaitText(const std::vector<std::string>& behaviors);

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
  // transaction a slot. A slot that is stopped is recorded with its reason.
  std::vector<SlotPlan> Run(Instant as_of, const Ask& ask);

  // Why the rule does or does not reach the user at as_of: the condition's
  // finding and each stage's.
  struct Explanation {
    std::string rule_id;
    Finding condition;
    bool matched = false;
    // Behaviors that are still being filled (kWaits): what the condition found
    // may change, and nothing is decided yet.
    std::vector<std::string> waits_for;
    std::vector<StageFinding> stages;
    Decision decision = Decision::kSkip;
    std::string reason;
  };
  std::vector<Explanation> Explain(UserNumber user, Instant as_of,
                                   std::optional<std::string> rule_id);

 private:
  // A rule and its latest slot, judged against the ledger, max_late and what
  // people decided.
  struct Due {
    const Rule* rule = nullptr;
    std::optional<Instant> slot;
    SlotVerdict verdict = SlotVerdict::kNotDue;
    Reason reason = Reason::kNone;  // of kStopped
    Phrase detail;
    bool recorded = false;               // the ledger has it already
    bool late = false;                   // the verdict is final
    std::vector<std::string> waits_for;  // behaviors its condition needs
  };

  std::vector<SlotPlan> Work(Instant as_of, const Ask& ask, bool write);
  // Whether the slot's users are selected and decided.
  static bool IsWorked(const Due& due, bool write);
  // `matched`: whom the rule's condition holds for.
  SlotPlan WorkOne(const Due& due, const UserSet& matched,
                   const Snapshot& facts, Tick& tick, bool write);
  // In the order of planning.
  std::vector<Due> DueRules(Instant as_of, const Ask& ask) const;
  Due Judge(const Rule& rule, Instant as_of, const Ask& ask) const;
  // Stops a slot whose rule is paused or not approved, or that waits for a
  // person since the blast guard stopped it.
  void JudgeOversight(const std::optional<SlotRow>& found, const Ask& ask,
                      Due* due) const;
  // The plan of a slot before anybody is decided.
  SlotPlan PlanOf(const Due& due) const;
  // Writes down a slot that is not worked, once.
  void Record(Instant as_of, const Due& due, SlotPlan* plan);

  Tick MakeTick(const Snapshot& facts,
                std::optional<UserNumber> only = std::nullopt) const;
  PlanContext Context(const Rule& rule, Instant slot, const Snapshot& facts,
                      SQLite::Database& db, Tick& tick) const;
  // Why the blast guard stops the slot; nothing where it does not, or a person
  // let it through.
  std::optional<Phrase> GuardProblem(const PlanContext& context,
                                     int64_t eligible) const;
  // Decides everybody the rule matches who has no touch of the slot yet. A slot
  // that is stopped, by the blast guard too, takes no room in caps.
  SlotPlan Decided(const Due& due, const UserSet& matched,
                   const UserSet& in_slot, PlanContext& context) const;
  // Opens the slot, writes touches and skips, ends the slot; or records why it
  // is stopped.
  SlotPlan Written(const Due& due, const UserSet& matched,
                   const Snapshot& facts, SQLite::Database& db, Tick& tick);
  void WriteTouches(const SlotPlan& plan, PlanContext& context);
  Explanation ExplainRule(const Due& due, const Snapshot& facts,
                          UserNumber user, Tick& tick) const;
  // What keeps the whole rule or slot back; false where nothing does.
  static bool ExplainStop(const Due& due, Explanation* explanation);
  // Explains by the touch that the user has of the slot; false where there is
  // none.
  bool ExplainTouch(const Due& due, const Snapshot& facts, UserNumber user,
                    Explanation* explanation) const;

  Engine& engine_;
  std::shared_ptr<const RuleSet> rules_;
  std::vector<ChannelFacts> channels_;
};

}  // namespace rekindle

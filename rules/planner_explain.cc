// Explain: a plan for one user that keeps the values each stage compared.
#include "rules/planner.h"

namespace rekindle {

std::vector<Planner::Explanation> Planner::Explain(
    UserNumber user, Instant as_of, std::optional<std::string> rule_id) {
  // Judged before the facts are taken, as in a plan: what is filled in between
  // is told as waiting, never the reverse.
  const std::vector<Due> due_rules = DueRules(as_of, Ask{});
  auto facts = engine_.At(as_of);
  // Rules that would be worked at this instant take caps from those after
  // them; the others are asked what they would do if they came then.
  Tick tick = MakeTick(*facts, user);
  std::map<std::string, Explanation> by_rule;
  for (const Due& due : due_rules) {
    if (due.verdict != SlotVerdict::kWorked) continue;
    by_rule[due.rule->id] = ExplainRule(due, *facts, user, tick);
  }
  for (const Due& due : due_rules) {
    if (due.verdict == SlotVerdict::kWorked) continue;
    const size_t mark = tick.caps.Mark();
    by_rule[due.rule->id] = ExplainRule(due, *facts, user, tick);
    tick.caps.RollBack(mark);
  }
  std::vector<Explanation> explanations;
  for (const Rule& rule : rules_->rules) {
    if (rule_id && *rule_id != rule.id) continue;
    explanations.push_back(std::move(by_rule[rule.id]));
  }
  return explanations;
}

Planner::Explanation Planner::ExplainRule(const Due& due, const Snapshot& facts,
                                          UserNumber user, Tick& tick) const {
  const Rule& rule = *due.rule;
  Explanation explanation{.rule_id = rule.id,
                          .condition = rule.when->Explain(facts, user)};
  explanation.matched = explanation.condition.holds;
  if (!rule.enabled) {
    explanation.reason = "disabled";
    explanation.stages.push_back(
        {"enabled", false, "disabled", Phrase("enabled is false")});
    return explanation;
  }
  if (ExplainTouch(due, facts, user, &explanation)) return explanation;
  const bool stopped = ExplainStop(due, &explanation);
  if (!due.waits_for.empty()) {
    explanation.stages.push_back({"slot", false, "", WaitText(due.waits_for)});
    if (!stopped) explanation.waits_for = due.waits_for;
    return explanation;
  }
  if (!explanation.matched) return explanation;

  engine_.store().Read([&](SQLite::Database& db) {
    const Instant slot = due.slot.value_or(facts.as_of());
    PlanContext context = Context(rule, slot, facts, db, tick);
    context.explained = user;
    const UserSet in_slot = engine_.ledger().InSlot(db, rule.id, slot);
    // Only per_run sets one user against the others, and the blast guard
    // counts them.
    const bool guards = due.verdict == SlotVerdict::kWorked;
    UserSet users(facts.users().size());
    if (guards || rule.limits.per_run) {
      users = rule.when->Select(facts);
      users -= in_slot;
    }
    users.Add(user);
    const size_t mark = tick.caps.Mark();
    const Decisions decisions = Decide(context, users, &explanation.stages);
    for (const Candidate& c : decisions.candidates) {
      if (c.user != user || stopped) continue;
      explanation.decision = c.decision;
      explanation.reason = ReasonCode(c.reason);
    }
    if (!guards) return;
    const auto problem = GuardProblem(
        context, decisions.eligible + static_cast<int64_t>(in_slot.Count()));
    if (!problem) return;
    tick.caps.RollBack(mark);
    explanation.decision = Decision::kSkip;
    explanation.reason = ReasonCode(Reason::kBlastGuard);
    explanation.stages.push_back({"slot", false, explanation.reason, *problem});
  });
  return explanation;
}

// What waits for approval is explained as it would be once it is approved.
bool Planner::ExplainStop(const Due& due, Explanation* explanation) {
  if (due.verdict != SlotVerdict::kStopped) return false;
  const std::string reason(ReasonCode(due.reason));
  explanation->stages.push_back({"slot", false, reason, due.detail});
  if (due.reason == Reason::kApproval) return false;
  explanation->reason = reason;
  return true;
}

bool Planner::ExplainTouch(const Due& due, const Snapshot& facts,
                           UserNumber user, Explanation* explanation) const {
  if (!due.slot) return false;
  const auto touches = engine_.ledger().Touches(
      {.rule_id = due.rule->id, .user = user, .slot = due.slot, .limit = 1});
  if (touches.empty()) return false;
  const TouchRow& touch = touches.front();
  const Calendar& calendar = facts.settings().calendar;
  const bool treated = touch.arm == Arm::kTreated;
  explanation->decision = treated ? Decision::kSend : Decision::kHoldOut;
  explanation->reason =
      treated ? "" : std::string(ReasonCode(Reason::kHeldOut));
  explanation->stages.push_back(
      {"slot", treated, explanation->reason,
       Phrase("has a touch of the slot {}: planned {}, {}, {}",
              calendar.FormatMinute(*due.slot),
              calendar.FormatMinute(touch.planned_at),
              Phrase::Code("arm", ArmName(touch.arm)),
              Phrase::Code("touch_state", TouchStateName(touch.state)))});
  return true;
}

}  // namespace rekindle

// Explain: a plan for one user that keeps the values each stage compared.
#include <fmt/format.h>

#include "rules/planner.h"

namespace rekindle {

std::vector<Planner::Explanation> Planner::Explain(
    UserNumber user, Instant as_of, std::optional<std::string> rule_id) {
  auto facts = engine_.At(as_of);
  // Rules that would be worked at this instant take caps from those after
  // them; the others are asked what they would do if they came then.
  TickReservations tick;
  std::map<std::string, Explanation> by_rule;
  const std::vector<Due> due_rules = DueRules(as_of, Ask{});
  for (const Due& due : due_rules) {
    if (due.verdict != SlotVerdict::kWorked) continue;
    by_rule[due.rule->id] = ExplainRule(due, *facts, user, tick);
  }
  for (const Due& due : due_rules) {
    if (due.verdict == SlotVerdict::kWorked) continue;
    TickReservations after = tick;
    by_rule[due.rule->id] = ExplainRule(due, *facts, user, after);
  }
  std::vector<Explanation> explanations;
  for (const Rule& rule : rules_->rules) {
    if (rule_id && *rule_id != rule.id) continue;
    explanations.push_back(std::move(by_rule[rule.id]));
  }
  return explanations;
}

Planner::Explanation Planner::ExplainRule(const Due& due, const Snapshot& facts,
                                          UserNumber user,
                                          TickReservations& tick) const {
  const Rule& rule = *due.rule;
  Explanation explanation{.rule_id = rule.id,
                          .condition = rule.when->Explain(facts, user)};
  explanation.matched = explanation.condition.holds;
  if (!rule.enabled) {
    explanation.reason = "disabled";
    explanation.stages.push_back(
        {"enabled", false, "disabled", "enabled is false"});
    return explanation;
  }
  if (ExplainTouch(due, facts, user, &explanation)) return explanation;
  if (!explanation.matched) return explanation;

  engine_.store().Read([&](SQLite::Database& db) {
    const Instant slot = due.slot.value_or(facts.as_of());
    PlanContext context = Context(rule, slot, facts, db, tick);
    context.explained = user;
    // Only per_run sets one user against the others.
    UserSet users(facts.users().size());
    if (rule.limits.per_run) {
      users = rule.when->Select(facts);
      users -= engine_.ledger().InSlot(db, rule.id, slot, false);
    }
    users.Add(user);
    for (const Candidate& c : Decide(context, users, &explanation.stages)) {
      if (c.user != user) continue;
      explanation.decision = c.decision;
      explanation.reason = ReasonCode(c.reason);
    }
  });
  return explanation;
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
       fmt::format("has a touch of the slot {}: planned {}, {}, {}",
                   calendar.FormatMinute(*due.slot),
                   calendar.FormatMinute(touch.planned_at), ArmName(touch.arm),
                   TouchStateName(touch.state))});
  return true;
}

}  // namespace rekindle

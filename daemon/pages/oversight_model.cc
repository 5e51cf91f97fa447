#include <nlohmann/json.hpp>

#include "daemon/pages/models.h"
#include "engine/oversight/oversight.h"
#include "rules/decision/decision.h"

namespace rekindle {
namespace {

constexpr int64_t kDecisionsShown = 50;

Json DecisionJson(const RuleDecision& decision, const Calendar& calendar) {
  return {{"rule_id", decision.rule_id},
          {"action", OversightActionName(decision.action)},
          {"version", decision.version},
          {"slot", decision.slot ? Json(calendar.FormatMinute(*decision.slot))
                                 : Json()},
          {"person", decision.person},
          {"note", decision.note},
          {"at", calendar.FormatMinute(decision.at)}};
}

}  // namespace

Json OversightModel(Session& session, const Rule& rule) {
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  const auto latest = session.engine().ledger().slots().Newest(rule.id, 1);
  return session.engine().store().Read([&](SQLite::Database& db) {
    Json json = {{"paused", false},
                 {"approval_required", rule.approval_required},
                 {"waits_for_approval",
                  rule.approval_required &&
                      !Oversight::IsApproved(db, rule.id, rule.version)},
                 {"guarded", false}};
    if (const auto pause = Oversight::Pause(db, rule.id)) {
      json["paused"] = true;
      json["paused_by"] = pause->person;
      json["paused_at"] = calendar.FormatMinute(pause->at);
    }
    for (const SlotRow& slot : latest) {
      if (slot.state != SlotState::kStopped ||
          slot.reason != ReasonCode(Reason::kBlastGuard)) {
        continue;
      }
      json["guarded"] = !Oversight::IsSlotApproved(db, rule.id, slot.slot);
      json["guarded_slot"] = calendar.FormatMinute(slot.slot);
      json["guarded_users"] = slot.eligible;
    }
    return json;
  });
}

Json DecisionsModel(Session& session,
                    const std::optional<std::string>& rule_id) {
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  Json decisions = Json::array();
  session.engine().store().Read([&](SQLite::Database& db) {
    for (const RuleDecision& decision :
         Oversight::List(db, rule_id, kDecisionsShown)) {
      decisions.push_back(DecisionJson(decision, calendar));
    }
  });
  return decisions;
}

}  // namespace rekindle

#include <nlohmann/json.hpp>

#include "daemon/pages/models.h"
#include "daemon/session/rule_oversight.h"

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
  const RuleOversight oversight = OversightOf(session, rule);
  Json json = {{"paused", oversight.pause.has_value()},
               {"approval_required", rule.approval_required},
               {"waits_for_approval", oversight.waits_for_approval},
               {"guarded", oversight.guarded}};
  if (oversight.pause) {
    json["paused_by"] = oversight.pause->person;
    json["paused_at"] = calendar.FormatMinute(oversight.pause->at);
  }
  if (oversight.stopped) {
    json["guarded_slot"] = calendar.FormatMinute(oversight.stopped->slot);
    json["guarded_users"] = oversight.stopped->eligible;
  }
  return json;
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

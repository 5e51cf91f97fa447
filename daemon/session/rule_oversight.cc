#include "daemon/session/rule_oversight.h"

#include "rules/decision/decision.h"

namespace rekindle {

RuleOversight OversightOf(Session& session, const Rule& rule) {
  const auto latest = session.engine().ledger().slots().Latest(rule.id);
  return session.engine().store().Read([&](SQLite::Database& db) {
    RuleOversight oversight;
    oversight.pause = Oversight::Pause(db, rule.id);
    oversight.waits_for_approval =
        rule.approval_required &&
        !Oversight::IsApproved(db, rule.id, rule.version);
    if (latest && latest->state == SlotState::kStopped &&
        latest->reason == ReasonCode(Reason::kBlastGuard)) {
      oversight.stopped = latest;
      oversight.guarded = !Oversight::IsSlotApproved(db, rule.id, latest->slot);
    }
    return oversight;
  });
}

}  // namespace rekindle

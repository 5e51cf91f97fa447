#include "daemon/session/rule_oversight.h"

#include "rules/decision/decision.h"

namespace rekindle {

RuleOversight OversightOf(Session& session, const Rule& rule) {
  const auto latest = session.engine().ledger().slots().Newest(rule.id, 1);
  return session.engine().store().Read([&](SQLite::Database& db) {
    RuleOversight oversight;
    oversight.pause = Oversight::Pause(db, rule.id);
    oversight.waits_for_approval =
        rule.approval_required &&
        !Oversight::IsApproved(db, rule.id, rule.version);
    for (const SlotRow& slot : latest) {
      if (slot.state != SlotState::kStopped ||
          slot.reason != ReasonCode(Reason::kBlastGuard)) {
        continue;
      }
      oversight.stopped = slot;
      oversight.guarded = !Oversight::IsSlotApproved(db, rule.id, slot.slot);
    }
    return oversight;
  });
}

}  // namespace rekindle

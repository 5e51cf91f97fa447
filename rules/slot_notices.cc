#include "rules/slot_notices.h"

#include <algorithm>

#include "engine/oversight/notices.h"
#include "engine/review/review.h"

namespace rekindle {
namespace {

constexpr std::string_view kFailed = "failed";
constexpr std::string_view kHarms = "harms";
constexpr std::chrono::days kLookBack{7};

bool AnyAsks(const Rule& rule, std::string_view cause) {
  return std::any_of(rule.notify.begin(), rule.notify.end(),
                     [&](const Notify& notify) { return notify.Asks(cause); });
}

// Once no touch of the slot is under way; a slot is looked at once.
void InspectSlot(Engine& engine, const Rule& rule, Instant slot, Instant now) {
  const auto failed = engine.ledger().slots().FailedTouches(rule.id, slot);
  if (!failed) return;
  engine.store().Write([&](SQLite::Database& db) {
    if (*failed > 0) NoteCause(db, rule, slot, kFailed, now);
    SlotBook::MarkInspected(db, rule.id, slot);
  });
}

// The rule's latest slot, where it is done and nobody was told that it harms.
std::optional<Instant> LatestUntold(Engine& engine, const Rule& rule) {
  const auto latest = engine.ledger().slots().Latest(rule.id);
  if (!latest || latest->state != SlotState::kDone) return std::nullopt;
  const bool told = engine.store().Read([&](SQLite::Database& db) {
    return Notices::Has(db, rule.id, latest->slot, std::string(kHarms));
  });
  return told ? std::nullopt : std::optional(latest->slot);
}

}  // namespace

void NoteCause(SQLite::Database& db, const Rule& rule, Instant slot,
               std::string_view cause, Instant now) {
  for (const Notify& notify : rule.notify) {
    if (!notify.Asks(cause)) continue;
    Notices::Add(db, rule.id, slot, std::string(cause), notify.to, now);
  }
}

void NoteUsers(SQLite::Database& db, const Rule& rule, Instant slot,
               int64_t eligible, Instant now) {
  for (const Notify& notify : rule.notify) {
    for (const Notify::UsersTrigger& trigger : notify.users) {
      if (!trigger.Holds(eligible)) continue;
      Notices::Add(db, rule.id, slot, trigger.text, notify.to, now);
    }
  }
}

void NoteFailures(Engine& engine, const RuleSet& rules, Instant now) {
  for (const Rule& rule : rules.rules) {
    if (!AnyAsks(rule, kFailed)) continue;
    for (Instant slot :
         engine.ledger().slots().Uninspected(rule.id, now - kLookBack)) {
      InspectSlot(engine, rule, slot, now);
    }
  }
}

void NoteHarms(Engine& engine, const RuleSet& rules, Instant now) {
  for (const Rule& rule : rules.rules) {
    if (!AnyAsks(rule, kHarms)) continue;
    const auto slot = LatestUntold(engine, rule);
    if (!slot || *slot < now - kLookBack) continue;
    for (const RuleReview& review :
         ComputeReview(engine.store(), now, rule.id)) {
      if (review.verdict != Verdict::kHarms) continue;
      engine.store().Write([&](SQLite::Database& db) {
        NoteCause(db, rule, *slot, kHarms, now);
      });
    }
  }
}

}  // namespace rekindle

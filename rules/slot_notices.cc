#include "rules/slot_notices.h"

#include <algorithm>

#include "engine/oversight/notices.h"
#include "engine/review/review.h"

namespace rekindle {
namespace {

constexpr std::string_view kFailed = "failed";
constexpr std::string_view kHarms = "harms";
constexpr std::chrono::days kLookBack{7};
constexpr int64_t kSlotsRead = 1000;

bool AnyAsks(const Rule& rule, std::string_view cause) {
  return std::any_of(rule.notify.begin(), rule.notify.end(),
                     [&](const Notify& notify) { return notify.Asks(cause); });
}

bool WasNoted(Engine& engine, const std::string& rule_id, Instant slot,
              std::string_view cause) {
  return engine.store().Read([&](SQLite::Database& db) {
    return Notices::Has(db, rule_id, slot, std::string(cause));
  });
}

void Note(Engine& engine, const Rule& rule, Instant slot,
          std::string_view cause, Instant now) {
  engine.store().Write(
      [&](SQLite::Database& db) { NoteCause(db, rule, slot, cause, now); });
}

void NoteFailed(Engine& engine, const Rule& rule,
                const std::vector<SlotRow>& slots, Instant now) {
  for (const SlotRow& slot : slots) {
    if (slot.slot < now - kLookBack) break;
    if (slot.treated == 0 || WasNoted(engine, rule.id, slot.slot, kFailed)) {
      continue;
    }
    const auto failed = engine.ledger().FailedTouches(rule.id, slot.slot);
    if (failed.value_or(0) > 0) Note(engine, rule, slot.slot, kFailed, now);
  }
}

void NoteHarms(Engine& engine, const Rule& rule,
               const std::vector<SlotRow>& slots, Instant now) {
  const auto latest = std::find_if(
      slots.begin(), slots.end(),
      [](const SlotRow& slot) { return slot.state == SlotState::kDone; });
  if (latest == slots.end() || latest->slot < now - kLookBack ||
      WasNoted(engine, rule.id, latest->slot, kHarms)) {
    return;
  }
  for (const RuleReview& review : ComputeReview(engine.store(), now, rule.id)) {
    if (review.verdict == Verdict::kHarms) {
      Note(engine, rule, latest->slot, kHarms, now);
    }
  }
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

void NoteOutcomes(Engine& engine, const RuleSet& rules, Instant now) {
  for (const Rule& rule : rules.rules) {
    const bool failed = AnyAsks(rule, kFailed);
    const bool harms = AnyAsks(rule, kHarms);
    if (!failed && !harms) continue;
    const auto slots = engine.ledger().Slots(rule.id, kSlotsRead);
    if (failed) NoteFailed(engine, rule, slots, now);
    if (harms) NoteHarms(engine, rule, slots, now);
  }
}

}  // namespace rekindle

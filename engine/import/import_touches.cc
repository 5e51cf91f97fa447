#include "engine/import/import_touches.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace rekindle {
namespace {

// A user must have a number before the ledger can name them.
std::vector<Status> AddUsers(Engine& engine,
                             std::span<const TouchInput> touches) {
  std::vector<Engine::UserRow> rows;
  rows.reserve(touches.size());
  for (const TouchInput& touch : touches) {
    rows.push_back({.user_id = touch.user_id, .json_object = "{}"});
  }
  return engine.PutUsers(rows);
}

Ledger::ImportedTouch ToLedger(const TouchInput& touch, UserNumber user,
                               const ImportRequest& request) {
  Ledger::ImportedTouch imported;
  imported.rule_id = touch.rule_id;
  imported.user = user;
  imported.at = touch.when.at;
  imported.arm = touch.arm;
  imported.channel = touch.channel;
  imported.variant = touch.variant;
  if (!request.goal_of) return imported;
  if (auto goal = request.goal_of(touch.rule_id, touch.when.at)) {
    imported.goal = goal->behavior;
    imported.goal_until = goal->until;
  }
  return imported;
}

// The earliest touch that hopes for a goal: events since then may be in the
// journal already.
std::optional<Instant> FirstHope(
    const std::vector<Ledger::ImportedTouch>& touches) {
  std::optional<Instant> first;
  for (const Ledger::ImportedTouch& touch : touches) {
    if (touch.goal_until) first = std::min(first.value_or(touch.at), touch.at);
  }
  return first;
}

}  // namespace

std::vector<Status> ImportTouches(Engine& engine,
                                  std::span<const TouchInput> touches,
                                  const ImportRequest& request, Instant now) {
  std::vector<Status> outcomes = AddUsers(engine, touches);
  std::unique_ptr<Snapshot> snapshot = engine.At(now);
  std::vector<Ledger::ImportedTouch> imported;
  for (size_t i = 0; i < touches.size(); ++i) {
    if (!outcomes[i]) continue;
    UserNumber user = snapshot->users().Find(touches[i].user_id);
    imported.push_back(ToLedger(touches[i], user, request));
  }
  engine.store().Write(
      [&](SQLite::Database& db) { engine.ledger().Import(db, imported); });
  engine.ledger().TakeKeptReceipts(now);
  snapshot.reset();
  if (auto first = FirstHope(imported)) engine.MatchGoalsSince(*first);
  return outcomes;
}

}  // namespace rekindle

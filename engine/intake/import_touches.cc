#include "engine/intake/import_touches.h"

#include <algorithm>
#include <optional>
#include <set>
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

// The journal's events in the time of the touches that hope for a goal.
std::vector<GoalEvent> PastGoals(
    const Engine& engine, const Snapshot& snapshot,
    const std::vector<Ledger::ImportedTouch>& touches) {
  std::set<std::string> goals;
  std::set<UserNumber> users;
  Instant from = Instant::max(), to = Instant::min();
  for (const Ledger::ImportedTouch& touch : touches) {
    if (!touch.goal_until) continue;
    goals.insert(touch.goal);
    users.insert(touch.user);
    from = std::min(from, touch.at);
    to = std::max(to, *touch.goal_until);
  }
  std::vector<GoalEvent> events;
  if (goals.empty()) return events;
  const BehaviorSet& behaviors = snapshot.settings().behaviors;
  engine.journal().ReadBetween(from, to, [&](const StoredEvent& event) {
    UserNumber user = snapshot.users().Resolve(event.user);
    if (!users.contains(user)) return;
    for (const std::string& goal : goals) {
      std::optional<BehaviorIndex> behavior = behaviors.Find(goal);
      if (behavior &&
          behaviors.Matches(*behavior, event.name, event.properties)) {
        events.push_back({user, goal, event.at});
      }
    }
  });
  return events;
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
  engine.ledger().MatchGoals(PastGoals(engine, *snapshot, imported));
  return outcomes;
}

}  // namespace rekindle

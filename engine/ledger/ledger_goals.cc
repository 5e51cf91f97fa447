// Goals: events matched to the windows of touches, as they arrive.
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>

#include "engine/ledger/ledger.h"

namespace rekindle {

void Ledger::MatchGoals(std::span<const GoalEvent> events) {
  const auto hoped_for = [&](const GoalEvent& event) {
    return with_goals_.Contains(event.user);
  };
  if (std::none_of(events.begin(), events.end(), hoped_for)) return;
  store_.Write([&](SQLite::Database& db) {
    SQLite::Statement put(
        db,
        "UPDATE touches SET goal_at = ?3 WHERE user = ?1 AND goal = ?2 "
        "AND planned_at <= ?3 AND goal_until >= ?3 "
        "AND (goal_at IS NULL OR goal_at > ?3)");
    for (const GoalEvent& event : events) {
      if (!hoped_for(event)) continue;
      SQLite::bind(put, event.user, event.behavior, ToMillis(event.at));
      put.exec();
      put.reset();
    }
  });
}

const UserSet& Ledger::UsersWithGoals() const { return with_goals_; }

}  // namespace rekindle

#include "engine/store/lifecycle_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "engine/store/statements.h"

namespace rekindle {

void ForEachStoredState(
    SQLite::Database& db,
    const std::function<void(UserNumber, const StoredState&)>& f) {
  SQLite::Statement row(db,
                        "SELECT user, state, substate, labels "
                        "FROM lifecycle_now ORDER BY user");
  while (row.executeStep()) {
    f(row.getColumn(0).getUInt(),
      {static_cast<State>(row.getColumn(1).getInt()),
       row.getColumn(2).getString(), row.getColumn(3).getString()});
  }
}

void StoreChanges(SQLite::Database& db, std::span<const StateChange> changes,
                  Instant at) {
  Statements statements;
  for (const StateChange& change : changes) {
    statements.Run(db,
                   "INSERT INTO lifecycle_history (user, from_state, to_state, "
                   "from_substate, to_substate, from_labels, labels, at) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                   change.user, static_cast<int64_t>(change.from.state),
                   static_cast<int64_t>(change.to.state), change.from.substate,
                   change.to.substate, change.from.labels, change.to.labels,
                   ToMillis(at));
    if (change.to.state == State::kUnknown) {
      statements.Run(db, "DELETE FROM lifecycle_now WHERE user = ?",
                     change.user);
      continue;
    }
    statements.Run(db,
                   "INSERT OR REPLACE INTO lifecycle_now "
                   "(user, state, substate, labels, since) "
                   "VALUES (?, ?, ?, ?, ?)",
                   change.user, static_cast<int64_t>(change.to.state),
                   change.to.substate, change.to.labels, ToMillis(at));
  }
}

void EraseStates(SQLite::Database& db, UserNumber user) {
  for (const char* sql : {"DELETE FROM lifecycle_now WHERE user = ?",
                          "DELETE FROM lifecycle_history WHERE user = ?"}) {
    SQLite::Statement erase(db, sql);
    SQLite::bind(erase, user);
    erase.exec();
  }
}

}  // namespace rekindle

// Stored states and labels in store.db: what each user was found to be at the
// last recompute, and every change since the first.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <span>
#include <string>

#include "config/base/calendar.h"
#include "engine/event.h"
#include "engine/lifecycle/state.h"

namespace rekindle {

// One user as found: kUnknown with empty texts where not known.
struct StoredState {
  State state = State::kUnknown;
  std::string substate;
  std::string labels;  // names in file order, joined by ';'
  friend bool operator==(const StoredState&, const StoredState&) = default;
};

struct StateChange {
  UserNumber user = kNoUser;
  StoredState from, to;
};

// All in the caller's transaction.

// f(user, state) for each user with a stored state, in ascending order.
void ForEachStoredState(
    SQLite::Database& db,
    const std::function<void(UserNumber, const StoredState&)>& f);
void StoreChanges(SQLite::Database& db, std::span<const StateChange> changes,
                  Instant at);
// A merge or an erasure: nothing of the number stays, nor of its history.
void EraseStates(SQLite::Database& db, UserNumber user);

}  // namespace rekindle

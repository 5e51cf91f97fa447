// Standings in store.db: what everybody was found to be at the last recompute,
// and every change of state, part and labels since the first.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <span>
#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "engine/lifecycle/standings.h"

namespace rekindle {

// A damaged blob is std::runtime_error with its name. All in the caller's
// transaction.

Standings LoadStandings(SQLite::Database& db);

// A set as it stands on disk; packing it needs no database.
struct PackedSet {
  SetKind kind = SetKind::kState;
  std::string name;
  std::string bytes;
};
PackedSet PackSet(const NamedSet& set);
// Replaces the sets of the same names; those of other names go.
void StoreSets(SQLite::Database& db, std::span<const PackedSet> changed,
               const Standings& all);

// What the users became, whom the lists' ranks mean.
struct StandingChanges {
  UserSet users;
  StandingList from, to;
};
void StoreChanges(SQLite::Database& db, const StandingChanges& changes,
                  Instant at);

struct StandingChange {
  Instant at;
  Standing from, to;
};
// One user's changes, the oldest first.
std::vector<StandingChange> StandingHistory(SQLite::Database& db,
                                            UserNumber user);

// An erasure: nothing of the number stays, nor of its history.
void EraseStandings(SQLite::Database& db, UserNumber user);

}  // namespace rekindle

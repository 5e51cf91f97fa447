// Standings in store.db: what everybody was found to be at the last recompute,
// and every step that led there.
//
// A recompute writes a step: for 65,536 users at a time (a shard; the column is
// called `part`), the bits in which the sets found differ from those stored.
// Whole sets are written only where the steps since then have grown to their
// size. One user's history is the steps of their shard, taken one after
// another.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/workers.h"
#include "engine/standings/standings.h"

namespace rekindle {

// The sets as stored. A set keeps its number for ever; sets that the settings
// no longer name come last, and are empty.
struct StoredStandings {
  Standings sets;
  std::vector<int64_t> numbers;  // of the sets
  size_t named = 0;              // so many sets are in settings
  int64_t last_step = 0;
  size_t set_bytes = 0;   // of the sets on disk
  size_t step_bytes = 0;  // of the steps since
};

// Thrown for a damaged blob, and names it.
class DamagedStandingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// All functions with a `db` work inside the caller's transaction. Those that
// read throw DamagedStandingsError.
StoredStandings LoadStandings(SQLite::Database& db);
// Drops steps that are damaged and those after them of the same shard, and
// writes no sets: they are what the other steps say, and the next recompute
// writes in what they differ from what it finds.
void MendStandings(SQLite::Database& db);
// Says which sets and steps are damaged, for people.
std::vector<std::string> CheckStandings(SQLite::Database& db);

// What a recompute changes.
struct StandingStep {
  StoredStandings after;
  bool names_changed = false;
  int64_t changed_users = 0;  // of state, substate or labels
  struct Shard {
    uint32_t number = 0;
    std::string flips;  // packed
  };
  std::vector<Shard> shards;             // where anything changed
  std::vector<std::string> packed_sets;  // empty: they stay as they are stored
};
// Works on all cores, without a database.
StandingStep CompareStandings(const StoredStandings& before, Standings found,
                              Workers& workers);
void StoreStep(SQLite::Database& db, const StandingStep& step, Instant at);

// When the last step was written; a recompute that changes nothing writes none.
std::optional<Instant> LastStepAt(SQLite::Database& db);

struct StandingChange {
  Instant at;
  Standing from, to;
};
// One user's changes of state, substate or labels, the oldest first, up to
// where steps are damaged.
std::vector<StandingChange> StandingHistory(SQLite::Database& db,
                                            UserNumber user);

// Erases the user's number from all sets and steps. Mends what is damaged
// first.
void EraseStandings(SQLite::Database& db, UserNumber user);

}  // namespace rekindle

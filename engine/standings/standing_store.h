// Standings in store.db: what everybody was found to be at the last recompute,
// and every step that led there.
//
// A recompute writes a step: for 65,536 users at a time, the bits in which the
// sets found differ from those stored. Whole sets are written (folded) only
// where the steps since then have grown to their size. One user's history is
// the steps of their part, taken one after another.
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

// The sets as stored. Numbers are given to sets once; those that settings do
// not name any more stand behind the others, and are empty.
struct StoredStandings {
  Standings sets;
  std::vector<int64_t> numbers;  // of the sets
  size_t named = 0;              // so many sets are in settings
  int64_t last_step = 0;
  size_t folded_bytes = 0;  // of the sets on disk
  size_t step_bytes = 0;    // of the steps since
};

// A damaged blob, by its name.
class DamagedStandingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// All that follows in the caller's transaction, where there is a database.
// What reads throws DamagedStandingsError.
StoredStandings LoadStandings(SQLite::Database& db);
// Drops steps that are damaged and those after them of the same part, and folds
// nothing: the sets are what the other steps say, and the next recompute writes
// in what they differ from what it finds.
void MendStandings(SQLite::Database& db);
// What of all sets and steps is damaged, for people.
std::vector<std::string> CheckStandings(SQLite::Database& db);

// What a recompute changes.
struct StandingStep {
  StoredStandings after;
  bool names_changed = false;
  int64_t changed_users = 0;  // of state, part or labels
  struct Part {
    uint32_t number = 0;
    std::string flips;  // packed
  };
  std::vector<Part> parts;          // where anything changed
  std::vector<std::string> folded;  // packed sets; empty: not this time
};
// On all cores, without a database.
StandingStep CompareStandings(const StoredStandings& before, Standings found,
                              Workers& workers);
void StoreStep(SQLite::Database& db, const StandingStep& step, Instant at);

// Of the recompute that wrote the last step; one that changes nothing writes
// none.
std::optional<Instant> LastStepAt(SQLite::Database& db);

struct StandingChange {
  Instant at;
  Standing from, to;
};
// One user's changes of state, part or labels, the oldest first; up to where
// steps are damaged.
std::vector<StandingChange> StandingHistory(SQLite::Database& db,
                                            UserNumber user);

// An erasure: nothing of the number stays, nor of its history. What is damaged
// is mended before.
void EraseStandings(SQLite::Database& db, UserNumber user);

}  // namespace rekindle

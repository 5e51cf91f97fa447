// Activity columns on disk: sparse, packed blocks in store.db.
//
// A column stands under its behavior's definition and the time zone that cut
// its days, with the journal position it reflects. So a renamed behavior finds
// its column again, and one that comes back later only has to catch up.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/columns/activity_columns.h"
#include "engine/journal/journal.h"

namespace rekindle {

struct ColumnKey {
  std::string definition;
  std::string time_zone;
  friend bool operator==(const ColumnKey&, const ColumnKey&) = default;
};

// All in the caller's transaction.

// Fills `column` (empty) and returns the position it reflects; nothing where
// none is kept. A damaged block is std::runtime_error.
std::optional<JournalPosition> LoadColumn(SQLite::Database& db,
                                          const ColumnKey& key,
                                          ActivityColumns::Column* column);
// Writes the dirty blocks and drops those that became empty. They stay dirty:
// MarkSaved comes after the commit.
void SaveColumn(SQLite::Database& db, const ColumnKey& key,
                const ActivityColumns::Column& column,
                JournalPosition position);
void MarkSaved(ActivityColumns* columns);

// What of the columns is damaged, for people.
std::vector<std::string> CheckColumns(SQLite::Database& db);

struct StoredColumn {
  ColumnKey key;
  JournalPosition position = 0;
};
std::vector<StoredColumn> StoredColumns(SQLite::Database& db);

}  // namespace rekindle

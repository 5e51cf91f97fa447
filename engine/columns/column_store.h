// Activity columns on disk: sparse, packed blocks in store.db.
//
// A column is stored under its behavior's definition and the time zone that cut
// its days, with the journal position it reflects. So a renamed behavior finds
// its column again, and one that comes back later only has to catch up.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/columns/activity_columns.h"
#include "engine/journal/journal.h"
#include "engine/store/store.h"

namespace rekindle {

struct ColumnKey {
  std::string definition;
  std::string time_zone;
  friend bool operator==(const ColumnKey&, const ColumnKey&) = default;
};

// --- reading, in the caller's transaction

// The last month of the column on disk; nothing where there is none.
std::optional<int32_t> LastStoredMonth(SQLite::Database& db,
                                       const ColumnKey& key);
struct DamagedBlock {
  ColumnKey column;
  std::optional<int32_t> month;  // absent: last times
  uint32_t block = 0;
  std::string what;  // for people
};
// Thrown where the days of a block are damaged and it cannot be left empty.
class DamagedBlockError : public std::runtime_error {
 public:
  explicit DamagedBlockError(DamagedBlock block)
      : std::runtime_error(block.what), block_(std::move(block)) {}
  const DamagedBlock& block() const { return block_; }

 private:
  DamagedBlock block_;
};
// Fills `column`, which must be empty, and returns the position it reflects;
// nothing where none is stored. Months before `in_memory_from` are left on
// disk. Damaged blocks stay empty and are listed.
std::optional<JournalPosition> LoadColumn(SQLite::Database& db,
                                          const ColumnKey& key,
                                          int32_t in_memory_from,
                                          ActivityColumns::Column* column,
                                          std::vector<DamagedBlock>* damaged,
                                          Workers& workers);
// Loads the last times of activity into such a column. False where those on
// disk do not reflect the column's position, so that they must be found anew.
// Damaged blocks as above.
bool LoadLasts(SQLite::Database& db, const ColumnKey& key,
               ActivityColumns::Column* column,
               std::vector<DamagedBlock>* damaged);
// One block that was left on disk; nullptr where there is none. Throws
// DamagedBlockError.
std::unique_ptr<MaskBlock> ReadBlock(SQLite::Database& db, const ColumnKey& key,
                                     int32_t month, uint32_t block);

// Both included; all of them unless said.
struct MonthRange {
  int32_t first = std::numeric_limits<int32_t>::min();
  int32_t last = std::numeric_limits<int32_t>::max();
};
// Every block of the column in these months whose days are damaged.
std::vector<DamagedBlock> DamagedBlocks(SQLite::Database& db,
                                        const ColumnKey& key,
                                        const MonthRange& months,
                                        Workers& workers);
// The same of its last times.
std::vector<DamagedBlock> DamagedLasts(SQLite::Database& db,
                                       const ColumnKey& key);

// Says which parts of the columns are damaged, for people.
std::vector<std::string> CheckColumns(SQLite::Database& db, Workers& workers);

struct StoredColumn {
  ColumnKey key;
  JournalPosition position = 0;
};
std::vector<StoredColumn> StoredColumns(SQLite::Database& db);

// Drops a block that is damaged: the column is to be found anew from its
// beginning.
void DropBlock(SQLite::Database& db, const DamagedBlock& block);
void DropColumn(SQLite::Database& db, const ColumnKey& key);
// For a journal that ends here: lowers the positions of columns to `end`.
void LimitPositions(SQLite::Database& db, JournalPosition end);

// --- writing: first what is to be written is taken (copied) while nobody
// writes the columns, then it is written while they go on changing.

struct ColumnChanges {
  ColumnKey key;
  JournalPosition position = 0;
  bool with_lasts = false;
  struct Masks {
    int32_t month;
    uint32_t block;
    MaskBlock masks;
  };
  struct Lasts {
    uint32_t block;
    LastBlock lasts;
  };
  std::vector<Masks> masks;
  std::vector<Lasts> lasts;
};

// The dirty blocks, which count as saved from now on.
ColumnChanges TakeChanges(const ColumnKey& key, JournalPosition position,
                          bool with_lasts, ActivityColumns::Column* column);
// For changes that were not written after all: the blocks are dirty again.
void GiveBack(const ColumnChanges& changes, ActivityColumns::Column* column);

// Writes blocks (those that became empty are dropped), positions at the very
// end. Blocks may be newer than the position on disk, for a tail may be applied
// twice; so `at_once` is needed only where days moved from user to user (a
// merge) or were erased: otherwise it goes in many short transactions, so that
// other writers of the store hardly wait. `finish` runs in the last one.
void WriteChanges(Store& store, const std::vector<ColumnChanges>& changes,
                  bool at_once, Workers& workers,
                  const std::function<void(SQLite::Database&)>& finish);

}  // namespace rekindle

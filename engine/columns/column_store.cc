#include "engine/columns/column_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>

#include "engine/store/packed.h"
#include "engine/store/statements.h"

namespace rekindle {
namespace {

// Rows in one transaction: some milliseconds of work.
constexpr size_t kRowsAtOnce = 512;

// A block is written as the entries that are there: for each the gap to the
// one before and its value.
class EntryList {
 public:
  // Appends one entry; `put` writes its value.
  template <class Put>
  void Add(uint32_t index, Put&& put) {
    PutVarint(&gaps_, index - next_);
    put(&values_);
    next_ = index + 1;
  }
  // Empty where nothing is there.
  std::string Packed() const {
    if (gaps_.empty()) return {};
    std::string bytes;
    PutVarint(&bytes, gaps_.size());
    return Pack(bytes + gaps_ + values_);
  }

 private:
  std::string gaps_, values_;
  uint32_t next_ = 0;
};

// Calls expect(entries), which may be a little too many, then take(index, in)
// for each entry; false where the bytes are damaged.
template <class Expect, class Take>
bool ForEachEntry(std::string_view packed, Expect&& expect, Take&& take) {
  const auto bytes = Unpack(packed);
  if (!bytes) return false;
  ByteReader in(*bytes);
  ByteReader gaps(in.Bytes(in.Varint()));
  expect(gaps.left());  // nearly all gaps take a byte
  for (uint64_t next = 0; gaps.left() > 0; ++next) {
    next += gaps.Varint();
    if (next >= kBlockUsers) return false;
    take(static_cast<uint32_t>(next), in);
  }
  return gaps.ok() && in.ok() && in.left() == 0;
}

std::string Encode(const MaskBlock& block) {
  EntryList entries;
  block.ForEach([&](uint32_t user, uint32_t mask) {
    entries.Add(user, [&](std::string* out) { PutVarint(out, mask); });
  });
  return entries.Packed();
}

std::string Encode(const LastBlock& block) {
  EntryList entries;
  for (uint32_t user = 0; user < kBlockUsers; ++user) {
    if (block.at[user] == kNever) continue;
    entries.Add(user,
                [&](std::string* out) { PutSigned(out, block.at[user]); });
  }
  return entries.Packed();
}

std::string Damage(const ColumnKey& key, std::string_view what,
                   uint32_t block) {
  return "block " + std::to_string(block) + " of the stored " +
         std::string(what) + " of \"" + key.definition + "\" is damaged";
}

std::unique_ptr<MaskBlock> DecodeMasks(std::string_view packed,
                                       const ColumnKey& key, int32_t month,
                                       uint32_t number) {
  std::array<uint64_t, kBlockWords> present{};
  std::vector<uint32_t> masks;
  bool none = false;  // an entry without a day is no entry
  const bool whole = ForEachEntry(
      packed, [&](size_t entries) { masks.reserve(entries); },
      [&](uint32_t user, ByteReader& in) {
        present[user / 64] |= uint64_t{1} << (user % 64);
        masks.push_back(static_cast<uint32_t>(in.Varint()));
        none |= masks.back() == 0;
      });
  if (!whole || none) {
    throw DamagedBlockError(
        {key, month, number,
         Damage(key, "activity in " + PeriodName(month, PeriodUnit::kMonth),
                number)});
  }
  return std::make_unique<MaskBlock>(present, masks);
}

std::optional<int64_t> IdOf(SQLite::Database& db, const ColumnKey& key) {
  SQLite::Statement find(db,
                         "SELECT id FROM stored_columns "
                         "WHERE definition = ? AND time_zone = ?");
  SQLite::bind(find, key.definition, key.time_zone);
  if (!find.executeStep()) return std::nullopt;
  return find.getColumn(0).getInt64();
}

// The months on disk, each with the number of its last block.
std::map<int32_t, uint32_t> StoredMonths(SQLite::Database& db, int64_t id) {
  std::map<int32_t, uint32_t> months;
  SQLite::Statement next(db,
                         "SELECT month, block FROM mask_blocks WHERE "
                         "column_id = ? AND month < ? "
                         "ORDER BY month DESC, block DESC LIMIT 1");
  next.bind(1, id);
  for (int64_t before = INT32_MAX;;) {
    next.bind(2, before);
    if (!next.executeStep()) return months;
    before = next.getColumn(0).getInt64();
    months[static_cast<int32_t>(before)] = next.getColumn(1).getUInt();
    next.reset();
  }
}

// The blocks of a month, unpacked on all cores.
void LoadMonth(SQLite::Database& db, const ColumnKey& key, int64_t id,
               int32_t month, MonthBlocks* blocks,
               std::vector<DamagedBlock>* damaged, Workers& workers) {
  SQLite::Statement rows(db,
                         "SELECT block, masks FROM mask_blocks "
                         "WHERE column_id = ? AND month = ? ORDER BY block");
  SQLite::bind(rows, id, month);
  std::vector<std::pair<uint32_t, std::string>> packed;
  while (rows.executeStep()) {
    packed.emplace_back(rows.getColumn(0).getUInt(), BlobOf(rows.getColumn(1)));
  }
  std::vector<std::unique_ptr<MaskBlock>> decoded(packed.size());
  std::mutex listing;
  workers.ForEach(packed.size(), [&](size_t i) {
    try {
      decoded[i] = DecodeMasks(packed[i].second, key, month, packed[i].first);
    } catch (const DamagedBlockError& e) {
      std::lock_guard lock(listing);
      damaged->push_back(e.block());
    }
  });
  for (size_t i = 0; i < packed.size(); ++i) {
    blocks->Put(packed[i].first, std::move(decoded[i]));
  }
}

// The column's number, given out at position 0 where it is new.
int64_t EnterColumn(SQLite::Database& db, const ColumnKey& key) {
  if (const auto id = IdOf(db, key)) return *id;
  SQLite::Statement put(db,
                        "INSERT INTO stored_columns (definition, time_zone, "
                        "position) VALUES (?, ?, 0)");
  SQLite::bind(put, key.definition, key.time_zone);
  put.exec();
  return db.getLastInsertRowid();
}

// One row to write; empty bytes drop it.
struct BlockRow {
  int64_t column = 0;
  std::optional<int32_t> month;  // absent: last times
  uint32_t block = 0;
  std::string packed;
};

void WriteRow(SQLite::Database& db, Statements& statements,
              const BlockRow& row) {
  if (row.month && row.packed.empty()) {
    statements.Run(db,
                   "DELETE FROM mask_blocks WHERE column_id = ? AND month = ? "
                   "AND block = ?",
                   row.column, *row.month, row.block);
  } else if (row.month) {
    statements.Run(db,
                   "INSERT OR REPLACE INTO mask_blocks (column_id, month, "
                   "block, masks) VALUES (?, ?, ?, ?)",
                   row.column, *row.month, row.block, BlobView{row.packed});
  } else if (row.packed.empty()) {
    statements.Run(db,
                   "DELETE FROM last_blocks WHERE column_id = ? AND block = ?",
                   row.column, row.block);
  } else {
    statements.Run(db,
                   "INSERT OR REPLACE INTO last_blocks (column_id, block, "
                   "lasts) VALUES (?, ?, ?)",
                   row.column, row.block, BlobView{row.packed});
  }
}

// The rows of all changes, packed on all cores.
std::vector<BlockRow> PackRows(const std::vector<ColumnChanges>& changes,
                               const std::vector<int64_t>& ids,
                               Workers& workers) {
  std::vector<BlockRow> rows;
  std::vector<std::pair<const MaskBlock*, const LastBlock*>> blocks;
  for (size_t i = 0; i < changes.size(); ++i) {
    for (const auto& [month, block, masks] : changes[i].masks) {
      rows.push_back({ids[i], month, block, {}});
      blocks.emplace_back(&masks, nullptr);
    }
    for (const auto& [block, lasts] : changes[i].lasts) {
      rows.push_back({ids[i], std::nullopt, block, {}});
      blocks.emplace_back(nullptr, &lasts);
    }
  }
  workers.ForEach(rows.size(), [&](size_t i) {
    rows[i].packed =
        blocks[i].first ? Encode(*blocks[i].first) : Encode(*blocks[i].second);
  });
  return rows;
}

void WriteRows(SQLite::Database& db, std::span<const BlockRow> rows) {
  Statements statements;
  for (const BlockRow& row : rows) WriteRow(db, statements, row);
}

void WritePositions(SQLite::Database& db,
                    const std::vector<ColumnChanges>& changes,
                    const std::vector<int64_t>& ids) {
  Statements statements;
  for (size_t i = 0; i < changes.size(); ++i) {
    statements.Run(db, "UPDATE stored_columns SET position = ? WHERE id = ?",
                   changes[i].position, ids[i]);
    if (!changes[i].with_lasts) continue;
    statements.Run(db,
                   "UPDATE stored_columns SET last_position = ? WHERE id = ?",
                   changes[i].position, ids[i]);
  }
}

}  // namespace

std::optional<int32_t> LastStoredMonth(SQLite::Database& db,
                                       const ColumnKey& key) {
  const auto id = IdOf(db, key);
  if (!id) return std::nullopt;
  const auto months = StoredMonths(db, *id);
  if (months.empty()) return std::nullopt;
  return months.rbegin()->first;
}

std::optional<JournalPosition> LoadColumn(SQLite::Database& db,
                                          const ColumnKey& key,
                                          int32_t in_memory_from,
                                          ActivityColumns::Column* column,
                                          std::vector<DamagedBlock>* damaged,
                                          Workers& workers) {
  SQLite::Statement find(db,
                         "SELECT id, position FROM stored_columns "
                         "WHERE definition = ? AND time_zone = ?");
  SQLite::bind(find, key.definition, key.time_zone);
  if (!find.executeStep()) return std::nullopt;
  const int64_t id = find.getColumn(0).getInt64();
  for (const auto& [month, last_block] : StoredMonths(db, id)) {
    MonthBlocks& blocks = column->month(month);
    if (month < in_memory_from) {
      blocks.LeaveOnDisk(last_block + 1);
    } else {
      LoadMonth(db, key, id, month, &blocks, damaged, workers);
    }
  }
  return find.getColumn(1).getInt64();
}

bool LoadLasts(SQLite::Database& db, const ColumnKey& key,
               ActivityColumns::Column* column,
               std::vector<DamagedBlock>* damaged) {
  SQLite::Statement find(db,
                         "SELECT id FROM stored_columns WHERE definition = ? "
                         "AND time_zone = ? AND last_position = position");
  SQLite::bind(find, key.definition, key.time_zone);
  if (!find.executeStep()) return false;
  SQLite::Statement rows(
      db, "SELECT block, lasts FROM last_blocks WHERE column_id = ?");
  rows.bind(1, find.getColumn(0).getInt64());
  while (rows.executeStep()) {
    const uint32_t number = rows.getColumn(0).getUInt();
    auto lasts = std::make_unique<LastBlock>();
    lasts->at.fill(kNever);
    const bool whole = ForEachEntry(
        BlobOf(rows.getColumn(1)), [](size_t) {},
        [&](uint32_t user, ByteReader& in) { lasts->at[user] = in.Signed(); });
    if (!whole) {
      damaged->push_back(
          {key, std::nullopt, number, Damage(key, "last activity", number)});
      lasts->at.fill(kNever);
      lasts->dirty = true;  // in place of what is there
    }
    if (column->last.size() <= number) column->last.resize(number + 1);
    column->last[number] = std::move(lasts);
  }
  return true;
}

std::unique_ptr<MaskBlock> ReadBlock(SQLite::Database& db, const ColumnKey& key,
                                     int32_t month, uint32_t block) {
  SQLite::Statement row(
      db,
      "SELECT b.masks FROM stored_columns c JOIN mask_blocks b ON "
      "b.column_id = c.id WHERE c.definition = ? AND c.time_zone = ? AND "
      "b.month = ? AND b.block = ?");
  SQLite::bind(row, key.definition, key.time_zone, month, block);
  if (!row.executeStep()) return nullptr;
  return DecodeMasks(BlobOf(row.getColumn(0)), key, month, block);
}

std::vector<DamagedBlock> DamagedBlocks(SQLite::Database& db,
                                        const ColumnKey& key,
                                        const MonthRange& months,
                                        Workers& workers) {
  std::vector<DamagedBlock> damaged;
  const auto id = IdOf(db, key);
  if (!id) return damaged;
  for (const auto& [month, last_block] : StoredMonths(db, *id)) {
    if (month < months.first || month > months.last) continue;
    MonthBlocks blocks;  // a month at a time
    LoadMonth(db, key, *id, month, &blocks, &damaged, workers);
  }
  return damaged;
}

std::vector<DamagedBlock> DamagedLasts(SQLite::Database& db,
                                       const ColumnKey& key) {
  std::vector<DamagedBlock> damaged;
  ActivityColumns::Column column;
  LoadLasts(db, key, &column, &damaged);
  return damaged;
}

std::vector<StoredColumn> StoredColumns(SQLite::Database& db) {
  std::vector<StoredColumn> all;
  SQLite::Statement rows(
      db, "SELECT definition, time_zone, position FROM stored_columns");
  while (rows.executeStep()) {
    all.push_back(
        {{rows.getColumn(0).getString(), rows.getColumn(1).getString()},
         rows.getColumn(2).getInt64()});
  }
  return all;
}

void DropBlock(SQLite::Database& db, const DamagedBlock& block) {
  const auto id = IdOf(db, block.column);
  if (!id) return;
  Statements statements;
  WriteRow(db, statements, {*id, block.month, block.block, {}});
  // Last times stay: they may be older than what the column is found from.
  statements.Run(db,
                 "UPDATE stored_columns SET last_position = iif(last_position "
                 "IS position, 0, NULL), position = 0 WHERE id = ?",
                 *id);
}

void DropColumn(SQLite::Database& db, const ColumnKey& key) {
  const auto id = IdOf(db, key);
  if (!id) return;
  Statements statements;
  for (const char* sql : {"DELETE FROM mask_blocks WHERE column_id = ?",
                          "DELETE FROM last_blocks WHERE column_id = ?",
                          "DELETE FROM stored_columns WHERE id = ?"}) {
    statements.Run(db, sql, *id);
  }
}

void LimitPositions(SQLite::Database& db, JournalPosition end) {
  SQLite::Statement limit(
      db,
      "UPDATE stored_columns SET position = min(position, ?1), last_position = "
      "min(last_position, ?1)");
  limit.bind(1, end);
  limit.exec();
}

ColumnChanges TakeChanges(const ColumnKey& key, JournalPosition position,
                          bool with_lasts, ActivityColumns::Column* column) {
  ColumnChanges changes{key, position, with_lasts, {}, {}};
  for (auto& [month, blocks] : column->months) {
    for (uint32_t i = 0; i < blocks->size(); ++i) {
      MaskBlock* block = blocks->InMemory(i);
      if (block == nullptr || !block->dirty) continue;
      block->dirty = false;
      changes.masks.push_back({month, i, *block});
    }
  }
  if (!with_lasts) return changes;
  for (uint32_t i = 0; i < column->last.size(); ++i) {
    if (!column->last[i] || !column->last[i]->dirty) continue;
    column->last[i]->dirty = false;
    changes.lasts.push_back({i, *column->last[i]});
  }
  return changes;
}

void GiveBack(const ColumnChanges& changes, ActivityColumns::Column* column) {
  for (const auto& [month, block, masks] : changes.masks) {
    column->month(month).GetOrAdd(block).dirty = true;
  }
  for (const auto& [block, lasts] : changes.lasts) {
    column->last[block]->dirty = true;
  }
}

void WriteChanges(Store& store, const std::vector<ColumnChanges>& changes,
                  bool at_once, Workers& workers,
                  const std::function<void(SQLite::Database&)>& finish) {
  const std::vector<int64_t> ids = store.Write([&](SQLite::Database& db) {
    std::vector<int64_t> entered;
    for (const ColumnChanges& column : changes) {
      entered.push_back(EnterColumn(db, column.key));
    }
    return entered;
  });
  const std::vector<BlockRow> packed = PackRows(changes, ids, workers);
  std::span<const BlockRow> rows = packed;
  const size_t piece = at_once ? std::max<size_t>(1, rows.size()) : kRowsAtOnce;
  while (rows.size() > piece) {
    store.Write(
        [&](SQLite::Database& db) { WriteRows(db, rows.first(piece)); });
    rows = rows.subspan(piece);
  }
  store.Write([&](SQLite::Database& db) {
    WriteRows(db, rows);
    WritePositions(db, changes, ids);
    finish(db);
  });
}

std::vector<std::string> CheckColumns(SQLite::Database& db, Workers& workers) {
  std::vector<std::string> damages;
  for (const StoredColumn& stored : StoredColumns(db)) {
    for (const auto& damaged :
         {DamagedBlocks(db, stored.key, MonthRange(), workers),
          DamagedLasts(db, stored.key)}) {
      for (const DamagedBlock& block : damaged) damages.push_back(block.what);
    }
  }
  return damages;
}

}  // namespace rekindle

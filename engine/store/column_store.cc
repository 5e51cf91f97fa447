#include "engine/store/column_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <stdexcept>

#include "engine/store/packed.h"

namespace rekindle {
namespace {

// A block is written as the entries that are there: for each the gap to the
// one before and its value. What differs between masks and last times is how a
// value is written.
struct MaskCoding {
  using Block = MaskBlock;
  static constexpr uint32_t kAbsent = 0;
  static auto& Values(auto& block) { return block.masks; }
  static void Put(std::string* out, uint32_t mask) { PutVarint(out, mask); }
  static uint32_t Get(ByteReader& in) {
    return static_cast<uint32_t>(in.Varint());
  }
};

struct LastCoding {
  using Block = LastBlock;
  static constexpr int64_t kAbsent = kNever;
  static auto& Values(auto& block) { return block.at; }
  static void Put(std::string* out, int64_t at) { PutSigned(out, at); }
  static int64_t Get(ByteReader& in) { return in.Signed(); }
};

// Empty where nothing is there.
template <class Coding>
std::string Encode(const typename Coding::Block& block) {
  std::string gaps, values;
  const auto& all = Coding::Values(block);
  size_t next = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i] == Coding::kAbsent) continue;
    PutVarint(&gaps, i - next);
    Coding::Put(&values, all[i]);
    next = i + 1;
  }
  if (gaps.empty()) return {};
  std::string bytes;
  PutVarint(&bytes, gaps.size());
  return Pack(bytes + gaps + values);
}

template <class Coding>
std::unique_ptr<typename Coding::Block> Decode(std::string_view packed) {
  const auto bytes = Unpack(packed);
  if (!bytes) return nullptr;
  auto block = std::make_unique<typename Coding::Block>();
  auto& all = Coding::Values(*block);
  all.fill(Coding::kAbsent);
  ByteReader in(*bytes);
  ByteReader gaps(in.Bytes(in.Varint()));
  for (size_t next = 0; gaps.left() > 0; ++next) {
    next += gaps.Varint();
    if (next >= all.size()) return nullptr;
    all[next] = Coding::Get(in);
  }
  const bool whole = gaps.ok() && in.ok() && in.left() == 0;
  return whole ? std::move(block) : nullptr;
}

std::string_view Blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()),
          static_cast<size_t>(column.getBytes())};
}

template <class Coding>
void Place(std::vector<std::unique_ptr<typename Coding::Block>>* blocks,
           int64_t number, std::string_view packed, const ColumnKey& key) {
  auto block = Decode<Coding>(packed);
  if (!block) {
    throw std::runtime_error("block " + std::to_string(number) +
                             " of the stored activity of \"" + key.definition +
                             "\" is damaged");
  }
  if (blocks->size() <= static_cast<size_t>(number)) {
    blocks->resize(number + 1);
  }
  (*blocks)[number] = std::move(block);
}

// Saves the dirty blocks of one list. `put` and `drop` have their column and
// month bound; the block's number and its bytes come after them.
template <class Coding>
void SaveBlocks(
    const std::vector<std::unique_ptr<typename Coding::Block>>& blocks,
    SQLite::Statement& put, SQLite::Statement& drop, int number_index) {
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (!blocks[i] || !blocks[i]->dirty) continue;
    const std::string packed = Encode<Coding>(*blocks[i]);
    SQLite::Statement& statement = packed.empty() ? drop : put;
    statement.bind(number_index, static_cast<int64_t>(i));
    if (!packed.empty()) {
      statement.bindNoCopy(number_index + 1, packed.data(),
                           static_cast<int>(packed.size()));
    }
    statement.exec();
    statement.reset();
  }
}

int64_t PutColumnRow(SQLite::Database& db, const ColumnKey& key,
                     JournalPosition position) {
  SQLite::Statement put(
      db,
      "INSERT INTO stored_columns (definition, time_zone, position) "
      "VALUES (?, ?, ?) ON CONFLICT (definition, time_zone) "
      "DO UPDATE SET position = excluded.position RETURNING id");
  SQLite::bind(put, key.definition, key.time_zone, position);
  put.executeStep();
  const int64_t id = put.getColumn(0).getInt64();
  put.executeStep();  // to its end: only then is the row changed for good
  return id;
}

}  // namespace

std::optional<JournalPosition> LoadColumn(SQLite::Database& db,
                                          const ColumnKey& key,
                                          ActivityColumns::Column* column) {
  SQLite::Statement find(db,
                         "SELECT id, position FROM stored_columns "
                         "WHERE definition = ? AND time_zone = ?");
  SQLite::bind(find, key.definition, key.time_zone);
  if (!find.executeStep()) return std::nullopt;
  const int64_t id = find.getColumn(0).getInt64();
  const JournalPosition position = find.getColumn(1).getInt64();

  SQLite::Statement masks(
      db, "SELECT month, block, masks FROM mask_blocks WHERE column_id = ?");
  masks.bind(1, id);
  while (masks.executeStep()) {
    Place<MaskCoding>(&column->months[masks.getColumn(0).getInt()],
                      masks.getColumn(1).getInt64(), Blob(masks.getColumn(2)),
                      key);
  }
  SQLite::Statement lasts(
      db, "SELECT block, lasts FROM last_blocks WHERE column_id = ?");
  lasts.bind(1, id);
  while (lasts.executeStep()) {
    Place<LastCoding>(&column->last, lasts.getColumn(0).getInt64(),
                      Blob(lasts.getColumn(1)), key);
  }
  return position;
}

void SaveColumn(SQLite::Database& db, const ColumnKey& key,
                const ActivityColumns::Column& column,
                JournalPosition position) {
  const int64_t id = PutColumnRow(db, key, position);
  SQLite::Statement put_masks(
      db,
      "INSERT OR REPLACE INTO mask_blocks (column_id, month, block, masks) "
      "VALUES (?, ?, ?, ?)");
  SQLite::Statement drop_masks(
      db,
      "DELETE FROM mask_blocks WHERE column_id = ? AND month = ? AND "
      "block = ?");
  for (const auto& [month, blocks] : column.months) {
    SQLite::bind(put_masks, id, month);
    SQLite::bind(drop_masks, id, month);
    SaveBlocks<MaskCoding>(blocks, put_masks, drop_masks, 3);
  }
  SQLite::Statement put_lasts(
      db,
      "INSERT OR REPLACE INTO last_blocks (column_id, block, lasts) "
      "VALUES (?, ?, ?)");
  SQLite::Statement drop_lasts(
      db, "DELETE FROM last_blocks WHERE column_id = ? AND block = ?");
  put_lasts.bind(1, id);
  drop_lasts.bind(1, id);
  SaveBlocks<LastCoding>(column.last, put_lasts, drop_lasts, 2);
}

void MarkSaved(ActivityColumns* columns) {
  for (BehaviorIndex b = 0; b < columns->behaviors(); ++b) {
    ActivityColumns::Column& column = columns->column(b);
    for (auto& [month, blocks] : column.months) {
      for (auto& block : blocks) {
        if (block) block->dirty = false;
      }
    }
    for (auto& block : column.last) {
      if (block) block->dirty = false;
    }
  }
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

std::vector<std::string> CheckColumns(SQLite::Database& db) {
  std::vector<std::string> damages;
  for (const StoredColumn& stored : StoredColumns(db)) {
    try {
      ActivityColumns column(1);
      LoadColumn(db, stored.key, &column.column(0));
    } catch (const std::exception& e) {
      damages.push_back(e.what());
    }
  }
  return damages;
}

}  // namespace rekindle

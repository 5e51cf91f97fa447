#include "engine/journal/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "config/base/hash.h"
#include "engine/journal/batch_source.h"
#include "engine/journal/journal_impl.h"

namespace rekindle {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kBusyTimeoutMs = 10'000;

// Ids stand apart: they are all read at the first append, and never otherwise.
// The index covers every question about times, so that they read no blobs.
constexpr char kSchema[] = R"sql(
CREATE TABLE names (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;
CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,
  first_at INTEGER,
  last_at INTEGER,
  users BLOB NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX batches_by_time ON batches (last_at, first_at, events);
CREATE TABLE batch_ids (
  number INTEGER PRIMARY KEY,
  ids BLOB NOT NULL
) STRICT;
)sql";

void Prepare(SQLite::Database& db) {
  db.exec("PRAGMA page_size = 16384");  // batches are large
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  const int version = db.execAndGet("PRAGMA user_version").getInt();
  if (version > kSchemaVersion) {
    throw std::runtime_error(
        db.getFilename() + " was written by a newer rekindle: its schema is " +
        std::to_string(version) + ", this one knows schemas up to " +
        std::to_string(kSchemaVersion));
  }
  if (version == kSchemaVersion) return;
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  db.exec(kSchema);
  db.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

std::string_view Blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()),
          static_cast<size_t>(column.getBytes())};
}

void BindBlob(SQLite::Statement& s, int index, const std::string& bytes) {
  s.bindNoCopy(index, bytes.data(), static_cast<int>(bytes.size()));
}

template <class T>
void BindOptional(SQLite::Statement& s, int index, std::optional<T> value) {
  if (value) {
    s.bind(index, *value);
  } else {
    s.bind(index);
  }
}

}  // namespace

Journal::Impl::Impl(const std::filesystem::path& file)
    : writer(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
             kBusyTimeoutMs),
      readers(file) {
  Prepare(writer);
  names.Load(writer);
  end = writer.execAndGet("SELECT coalesce(max(number), 0) FROM batches")
            .getInt64();
  ReadStats();
}

void Journal::Impl::ReadStats() {
  SQLite::Statement rows(writer,
                         "SELECT count(*), coalesce(sum(events), 0), "
                         "min(first_at), max(last_at) FROM batches");
  rows.executeStep();
  stats = {rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64(), {}, {}};
  if (!rows.getColumn(2).isNull()) {
    stats.first = FromMillis(rows.getColumn(2).getInt64());
    stats.last = FromMillis(rows.getColumn(3).getInt64());
  }
}

void Journal::Impl::LoadIds() {
  SQLite::Statement rows(writer, "SELECT number, ids FROM batch_ids");
  while (rows.executeStep()) {
    const auto batch_ids = UnpackIds(Blob(rows.getColumn(1)));
    if (!batch_ids) {
      BatchSource(writer, names).Damaged(rows.getColumn(0).getInt64());
    }
    ids.Add(*batch_ids);
  }
  ids_loaded = true;
}

Batch Journal::Impl::ToBatch(std::span<const JournalEvent> events) {
  Batch batch;
  batch.Reserve(events.size());
  for (const JournalEvent& event : events) {
    batch.users.push_back(event.user);
    batch.names.push_back(names.NumberOf(event.name));
    batch.at.push_back(ToMillis(event.when.at));
    batch.days.push_back(event.when.by_day ? ToNumber(event.when.day)
                                           : kExactTime);
    batch.properties.push_back(event.properties);
    batch.ids.push_back(event.id);
  }
  return batch;
}

void Journal::Impl::Insert(const PackedBatch& packed, JournalPosition number) {
  SQLite::Statement insert(
      writer,
      "INSERT INTO batches (number, events, first_at, last_at, users, data) "
      "VALUES (?, ?, ?, ?, ?, ?)");
  SQLite::bind(insert, number, packed.events);
  BindOptional(insert, 3, packed.first_at);
  BindOptional(insert, 4, packed.last_at);
  BindBlob(insert, 5, packed.users);
  BindBlob(insert, 6, packed.data);
  insert.exec();
  if (packed.ids.empty()) return;
  SQLite::Statement insert_ids(
      writer, "INSERT INTO batch_ids (number, ids) VALUES (?, ?)");
  insert_ids.bind(1, number);
  BindBlob(insert_ids, 2, packed.ids);
  insert_ids.exec();
}

void Journal::Impl::Replace(const PackedBatch& packed, JournalPosition number) {
  for (const char* sql : {"DELETE FROM batches WHERE number = ?",
                          "DELETE FROM batch_ids WHERE number = ?"}) {
    SQLite::Statement remove(writer, sql);
    remove.bind(1, number);
    remove.exec();
  }
  Insert(packed, number);
}

Journal::Journal(const std::filesystem::path& file)
    : impl_(std::make_unique<Impl>(file)) {}

Journal::~Journal() = default;

IdHash HashOfId(std::string_view message_id) {
  return message_id.empty() ? IdHash{} : Hash128(message_id);
}

bool Journal::Remember(const IdHash& id) {
  if (id == IdHash{}) return true;
  if (!impl_->ids_loaded) impl_->LoadIds();
  return impl_->ids.Remember(id);
}

void Journal::ForgetUncommitted() { impl_->ids.ForgetUncommitted(); }

JournalPosition Journal::Append(std::span<const JournalEvent> events) {
  if (events.empty()) return end();
  const Batch batch = impl_->ToBatch(events);
  const PackedBatch packed = PackBatch(batch);
  const JournalPosition number = end() + 1;
  try {
    SQLite::Transaction transaction(impl_->writer,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    impl_->names.Save(impl_->writer);
    impl_->Insert(packed, number);
    transaction.commit();
  } catch (...) {
    impl_->names.Settle(false);
    throw;
  }
  impl_->names.Settle(true);
  if (impl_->ids_loaded) impl_->ids.Add(batch.ids);
  impl_->ids.Commit();

  std::lock_guard lock(impl_->mutex);
  impl_->end = number;
  Stats& stats = impl_->stats;
  ++stats.batches;
  stats.events += packed.events;
  if (packed.events > 0) {
    const Instant first = FromMillis(*packed.first_at);
    const Instant last = FromMillis(*packed.last_at);
    stats.first = std::min(stats.first.value_or(first), first);
    stats.last = std::max(stats.last.value_or(last), last);
  }
  return number;
}

JournalPosition Journal::end() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->end;
}

Journal::Stats Journal::stats() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->stats;
}

}  // namespace rekindle

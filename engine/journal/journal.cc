#include "engine/journal/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "config/base/hash.h"
#include "engine/journal/journal_impl.h"

namespace rekindle {
namespace {

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

IdHash HashOfId(std::string_view message_id) {
  return message_id.empty() ? IdHash{} : Hash128(message_id);
}

Journal::Impl::Impl(const std::filesystem::path& file, size_t recent_ids)
    : writer(file), readers(file), ids(file, writer, recent_ids) {
  writer.Use([&](SQLite::Database& db) {
    names.Load(db);
    end = db.execAndGet("SELECT coalesce(max(number), 0) FROM batches")
              .getInt64();
  });
  ReadStats();
}

void Journal::Impl::ReadStats() {
  Stats read;
  writer.Use([&](SQLite::Database& db) {
    SQLite::Statement rows(db,
                           "SELECT count(*), coalesce(sum(events), 0), "
                           "min(first_at), max(last_at) FROM batches");
    rows.executeStep();
    read.batches = rows.getColumn(0).getInt64();
    read.events = rows.getColumn(1).getInt64();
    if (!rows.getColumn(2).isNull()) {
      read.first = FromMillis(rows.getColumn(2).getInt64());
      read.last = FromMillis(rows.getColumn(3).getInt64());
    }
    SQLite::Statement pruned(db, "SELECT max(last_at) FROM pruned");
    if (pruned.executeStep() && !pruned.getColumn(0).isNull()) {
      read.pruned_until = FromMillis(pruned.getColumn(0).getInt64());
    }
  });
  std::lock_guard lock(mutex);
  stats = read;
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

void Journal::Impl::Insert(SQLite::Database& db, const PackedBatch& packed,
                           const Positions& positions) {
  SQLite::Statement insert(
      db,
      "INSERT INTO batches (number, first, events, first_at, last_at, users, "
      "times, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  SQLite::bind(insert, positions.last, positions.first, packed.events);
  BindOptional(insert, 4, packed.first_at);
  BindOptional(insert, 5, packed.last_at);
  BindBlob(insert, 6, packed.users);
  BindBlob(insert, 7, packed.times);
  BindBlob(insert, 8, packed.properties);
  insert.exec();
  if (packed.ids.empty()) return;
  SQLite::Statement insert_ids(
      db, "INSERT INTO batch_ids (number, ids) VALUES (?, ?)");
  insert_ids.bind(1, positions.last);
  BindBlob(insert_ids, 2, packed.ids);
  insert_ids.exec();
}

void Journal::Impl::Delete(SQLite::Database& db, JournalPosition number) {
  for (const char* sql : {"DELETE FROM batches WHERE number = ?",
                          "DELETE FROM batch_ids WHERE number = ?"}) {
    SQLite::Statement remove(db, sql);
    remove.bind(1, number);
    remove.exec();
  }
}

Journal::Journal(const std::filesystem::path& file, size_t recent_ids)
    : impl_(std::make_unique<Impl>(file, recent_ids)) {}

Journal::Journal(const std::filesystem::path& file)
    : Journal(file, MessageIds::kRecentIds) {}

Journal::~Journal() = default;

bool Journal::Remember(const IdHash& id) {
  return id == IdHash{} || impl_->ids.Remember(id);
}

void Journal::Prefetch(const IdHash& id) const { impl_->ids.Expect(id); }

void Journal::ForgetUncommitted() { impl_->ids.ForgetUncommitted(); }

JournalPosition Journal::Append(std::span<const JournalEvent> events) {
  if (events.empty()) {
    impl_->ids.ForgetUncommitted();  // of those expected, none was new
    return end();
  }
  const PackedBatch packed = PackBatch(impl_->ToBatch(events));
  const JournalPosition number = end() + 1;
  try {
    impl_->writer.Write([&](SQLite::Database& db) {
      impl_->names.Save(db);
      Impl::Insert(db, packed, {number, number});
    });
  } catch (...) {
    impl_->names.Settle(false);
    throw;
  }
  impl_->names.Settle(true);
  impl_->ids.Commit(number);

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

Journal::IdStats Journal::id_stats() const {
  const MessageIds::Stats s = impl_->ids.stats();
  return {s.recent, s.folded, s.runs, s.filter_bytes};
}

}  // namespace rekindle

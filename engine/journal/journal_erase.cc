#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/journal/batch_source.h"
#include "engine/journal/journal_impl.h"
#include "engine/sets/user_set.h"

namespace rekindle {
namespace {

// The batch without the users' records; `gone` collects the ids of those.
Batch Without(const BatchReader& batch, const std::vector<IdHash>& ids,
              const UserSet& users, std::vector<IdHash>* gone) {
  Batch kept;
  for (size_t i = 0; i < batch.size(); ++i) {
    const IdHash id = ids.empty() ? IdHash{} : ids[i];
    if (users.Contains(batch.users()[i])) {
      gone->push_back(id);
      continue;
    }
    kept.users.push_back(batch.users()[i]);
    kept.names.push_back(batch.names()[i]);
    kept.at.push_back(batch.at()[i]);
    kept.days.push_back(batch.day(i));
    kept.properties.push_back(batch.properties(i));
    kept.ids.push_back(id);
  }
  return kept;
}

JournalPosition FirstOf(SQLite::Database& db, JournalPosition number) {
  SQLite::Statement get(db, "SELECT first FROM batches WHERE number = ?");
  get.bind(1, number);
  get.executeStep();
  return get.getColumn(0).getInt64();
}

int64_t BytesInUse(SQLite::Database& db) {
  const auto value = [&](const char* pragma) {
    return db.execAndGet(pragma).getInt64();
  };
  return (value("PRAGMA page_count") - value("PRAGMA freelist_count")) *
         value("PRAGMA page_size");
}

// The newest of the oldest batches that hold so many bytes more than allowed;
// 0 where there are none.
JournalPosition LastBeyond(SQLite::Database& db, int64_t bytes) {
  int64_t excess = BytesInUse(db) - bytes;
  SQLite::Statement rows(
      db,
      "SELECT number, length(users) + length(times) + length(properties) FROM "
      "batches ORDER BY number");
  JournalPosition last = 0;
  while (excess > 0 && rows.executeStep()) {
    last = rows.getColumn(0).getInt64();
    excess -= rows.getColumn(1).getInt64();
  }
  return last;
}

// The batches that go: ?1 the instant their events lie before, ?2 the newest
// number beyond the size, ?3 the newest that may go. The signs keep SQLite to
// the index by time, which holds all of it.
constexpr char kPrunable[] =
    "FROM batches WHERE (last_at < ?1 OR +number <= ?2) AND +number <= ?3";
// Batches of nothing but message ids have no instant of their own: they are as
// old as the events after them. ?1 the newest that may go.
constexpr char kIdsAlone[] =
    "FROM batches WHERE events = 0 AND number <= ?1 AND number < (SELECT "
    "number FROM batches WHERE events > 0 ORDER BY number LIMIT 1)";

void BindPrunable(SQLite::Statement& statement,
                  const Journal::Prunable& prunable) {
  SQLite::bind(statement,
               prunable.before ? ToMillis(*prunable.before) : INT64_MIN,
               prunable.beyond, prunable.last);
}

// What went with a deletion.
struct Gone {
  int64_t batches = 0;
  int64_t events = 0;
  std::optional<int64_t> newest;  // instant of an event
};

// Runs a "DELETE .. RETURNING events, last_at".
void Delete(SQLite::Statement& statement, Gone* gone) {
  while (statement.executeStep()) {
    ++gone->batches;
    gone->events += statement.getColumn(0).getInt64();
    if (statement.getColumn(1).isNull()) continue;
    gone->newest = std::max(gone->newest.value_or(INT64_MIN),
                            statement.getColumn(1).getInt64());
  }
}

void NotePruned(SQLite::Database& db, int64_t last_at) {
  SQLite::Statement note(db, "INSERT INTO pruned (last_at) VALUES (?)");
  note.bind(1, last_at);
  note.exec();
  db.exec(
      "DELETE FROM pruned WHERE last_at < (SELECT max(last_at) FROM pruned)");
}

}  // namespace

int64_t Journal::Erase(std::span<const UserNumber> users) {
  UserSet erased;
  for (UserNumber user : users) erased.Add(user);
  const auto is_theirs = [&](UserNumber u) { return erased.Contains(u); };
  impl_->ids.Wait();
  std::vector<IdHash> gone;
  impl_->writer.Write([&](SQLite::Database& db) {
    BatchSource source(db, impl_->names);
    SQLite::Statement all(db, "SELECT number FROM batches ORDER BY number");
    for (JournalPosition number : BatchSource::Numbers(all)) {
      const BatchReader& batch = source.Open(number);
      const auto there = batch.users();
      if (std::none_of(there.begin(), there.end(), is_theirs)) continue;
      source.OpenTimes();
      source.OpenProperties();
      const PackedBatch kept =
          PackBatch(Without(batch, source.Ids(), erased, &gone));
      const Impl::Positions positions{FirstOf(db, number), number};
      Impl::Delete(db, number);
      impl_->Insert(db, kept, positions);
    }
  });
  if (gone.empty()) return 0;
  impl_->ids.Remove(gone);
  // The old bytes are in the write-ahead log until a checkpoint.
  impl_->writer.CheckpointLog();
  impl_->ReadStats();
  return static_cast<int64_t>(gone.size());
}

std::optional<Journal::Prunable> Journal::FindPrunable(
    const PruneLimits& limits, JournalPosition applied) const {
  const int64_t run_bytes = impl_->ids.stats().run_bytes;
  auto reader = impl_->readers.Take();
  SQLite::Database& db = reader.db();
  Prunable found;
  found.before = limits.before;
  // The newest number stays, so that it is never given out again.
  const int64_t newest =
      db.execAndGet("SELECT coalesce(max(number), 0) FROM batches").getInt64();
  found.last = std::min<JournalPosition>(applied, newest - 1);
  if (limits.bytes) found.beyond = LastBeyond(db, *limits.bytes - run_bytes);
  SQLite::Statement old(
      db, fmt::format("SELECT count(*), max(last_at) {}", kPrunable));
  BindPrunable(old, found);
  old.executeStep();
  if (!old.getColumn(1).isNull()) {
    found.newest = FromMillis(old.getColumn(1).getInt64());
  }
  if (old.getColumn(0).getInt64() > 0) return found;
  SQLite::Statement ids(db, fmt::format("SELECT 1 {} LIMIT 1", kIdsAlone));
  ids.bind(1, found.last);
  if (!ids.executeStep()) return std::nullopt;
  return found;
}

int64_t Journal::Prune(const Prunable& prunable) {
  const Gone gone = impl_->writer.Write([&](SQLite::Database& db) {
    SQLite::Statement old(
        db,
        fmt::format("DELETE FROM batches WHERE number IN (SELECT number {}) "
                    "RETURNING events, last_at",
                    kPrunable));
    BindPrunable(old, prunable);
    Gone went;
    Delete(old, &went);
    SQLite::Statement ids(
        db, fmt::format("DELETE {} RETURNING events, last_at", kIdsAlone));
    ids.bind(1, prunable.last);
    Delete(ids, &went);
    if (went.newest) NotePruned(db, *went.newest);
    db.exec(
        "DELETE FROM batch_ids WHERE number NOT IN (SELECT number FROM "
        "batches)");
    return went;
  });
  if (gone.batches == 0) return 0;
  DropOldIds();
  GiveBackSpace();
  impl_->ReadStats();
  return gone.events;
}

void Journal::DropOldIds() {
  impl_->ids.DropRuns([&](JournalPosition first, JournalPosition last) {
    return impl_->writer.Use([&](SQLite::Database& db) {
      SQLite::Statement some(
          db, "SELECT 1 FROM batches WHERE number >= ? AND first <= ? LIMIT 1");
      SQLite::bind(some, first, last);
      return some.executeStep();
    });
  });
}

}  // namespace rekindle

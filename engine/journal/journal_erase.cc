#include <SQLiteCpp/VariadicBind.h>

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

int64_t Journal::Prune(const PruneLimits& limits, JournalPosition applied) {
  const int64_t run_bytes = impl_->ids.stats().run_bytes;
  const Gone gone = impl_->writer.Write([&](SQLite::Database& db) {
    const JournalPosition beyond =
        limits.bytes ? LastBeyond(db, *limits.bytes - run_bytes) : 0;
    const int64_t before = limits.before ? ToMillis(*limits.before) : INT64_MIN;
    // The newest number stays, so that it is never given out again.
    SQLite::Statement old(
        db,
        "DELETE FROM batches WHERE (last_at < ? OR number <= ?) AND number <= "
        "? AND number < (SELECT max(number) FROM batches) RETURNING events, "
        "last_at");
    SQLite::bind(old, before, beyond, applied);
    Gone went;
    Delete(old, &went);
    // Batches of nothing but message ids have no instant of their own: they are
    // as old as the events after them.
    SQLite::Statement ids_alone(
        db,
        "DELETE FROM batches WHERE events = 0 AND number <= ? AND number < "
        "(SELECT number FROM batches WHERE events > 0 ORDER BY number LIMIT 1) "
        "RETURNING events, last_at");
    ids_alone.bind(1, applied);
    Delete(ids_alone, &went);
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

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>

#include "engine/audience/user_set.h"
#include "engine/journal/batch_source.h"
#include "engine/journal/journal_impl.h"

namespace rekindle {
namespace {

// The batch without the users' records; `gone` collects what went.
Batch Without(const BatchReader& batch, const std::vector<IdHash>& ids,
              const UserSet& users, std::vector<IdHash>* gone) {
  Batch kept;
  for (size_t i = 0; i < batch.size(); ++i) {
    const IdHash id = ids.empty() ? IdHash{} : ids[i];
    if (users.Contains(batch.user(i))) {
      gone->push_back(id);
      continue;
    }
    kept.users.push_back(batch.user(i));
    kept.names.push_back(batch.name(i));
    kept.at.push_back(batch.at(i));
    kept.days.push_back(batch.day(i));
    kept.properties.push_back(batch.properties(i));
    kept.ids.push_back(id);
  }
  return kept;
}

}  // namespace

int64_t Journal::Erase(std::span<const UserNumber> users) {
  UserSet erased;
  for (UserNumber user : users) erased.Add(user);
  const auto is_theirs = [&](UserNumber u) { return erased.Contains(u); };
  std::vector<IdHash> gone;
  {
    SQLite::Database& db = impl_->writer;
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    BatchSource source(db, impl_->names);
    SQLite::Statement all(db, "SELECT number FROM batches ORDER BY number");
    for (JournalPosition number : BatchSource::Numbers(all)) {
      const auto there = source.Users(number);
      if (std::none_of(there.begin(), there.end(), is_theirs)) continue;
      const BatchReader& batch = source.Open(number);
      const auto ids = source.Ids(number);
      impl_->Replace(PackBatch(Without(batch, ids, erased, &gone)), number);
    }
    transaction.commit();
  }
  if (gone.empty()) return 0;
  impl_->ids.Remove(gone);
  // The old bytes are in the write-ahead log until it is folded in.
  impl_->writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::lock_guard lock(impl_->mutex);
  impl_->ReadStats();
  return static_cast<int64_t>(gone.size());
}

int64_t Journal::Prune(Instant before, JournalPosition applied) {
  int64_t pruned = 0;
  {
    SQLite::Database& db = impl_->writer;
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    // The newest number stays, so that it is never given out again.
    SQLite::Statement old(
        db,
        "DELETE FROM batches WHERE last_at < ? AND number <= ? AND number < "
        "(SELECT max(number) FROM batches) RETURNING events");
    SQLite::bind(old, ToMillis(before), applied);
    while (old.executeStep()) pruned += old.getColumn(0).getInt64();
    db.exec(
        "DELETE FROM batch_ids WHERE number NOT IN (SELECT number FROM "
        "batches)");
    transaction.commit();
  }
  if (pruned == 0) return 0;
  std::lock_guard lock(impl_->mutex);
  impl_->ReadStats();
  return pruned;
}

}  // namespace rekindle

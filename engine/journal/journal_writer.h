// The schema of journal.db, and the one connection that writes to it.
//
//   names       number, name of each kind of event
//   batches     number, first: the positions it covers (several where small
//               ones were merged); users | names and times | properties,
//               packed apart, so that a reader unpacks what it needs
//   pruned      the newest instant that was pruned, if any was
//   batch_ids   the ids of messages, until they are flushed (message_ids.h)
//   id_runs     where they are afterwards (id_run.h)
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <mutex>

#include "engine/journal/log_syncer.h"
#include "engine/journal/wal_checkpointer.h"
#include "engine/store/database.h"

namespace rekindle {

// Thread-safe: appends and flushes of message ids take turns.
class JournalWriter {
 public:
  // Creates the schema where the file is new, and checkpoints the log that a
  // program which was killed has left: what is there then is durable.
  // std::runtime_error where it was written by another version.
  explicit JournalWriter(const std::filesystem::path& file);
  ~JournalWriter();

  // Calls f(db) in a transaction of its own and commits it; what f throws
  // rolls back. What is deleted is wiped from the file.
  template <class F>
  auto Write(F&& f) {
    Mend();
    std::lock_guard lock(mutex_);
    Promise(kDurable);
    return InTransaction(db_, f);
  }
  // The same, but durable only with the next sync or Write, after everything
  // written before it; and what is deleted is only freed, not wiped.
  template <class F>
  void WriteLater(F&& f) {
    Mend();
    std::lock_guard lock(mutex_);
    Promise(kLater);
    InTransaction(db_, f);
  }
  // Begins to make durable the batches up to this number, which are written.
  void BeginSync(JournalPosition written) { syncer_.Begin(written); }
  // Waits until they are durable. Where that fails, nothing more is written
  // until all of it is durable.
  void AwaitSync(JournalPosition written) { syncer_.Await(written); }
  // Makes good a sync that failed, if one did; throws where that fails, too.
  void Mend();
  // What was deleted stands nowhere on disk any more when it returns, unless
  // the file is read all the time that it waits (10 s).
  void CheckpointLog() { checkpointer_.CheckpointAll(); }
  // For what cannot stand in a transaction: f(db).
  template <class F>
  auto Use(F&& f) {
    Mend();
    std::lock_guard lock(mutex_);
    Promise(kDurable);
    return f(db_);
  }

 private:
  enum Promised { kUnknown, kDurable, kLater };

  // Sets how durable the next commits are; nothing is written where it throws.
  void Promise(Promised promised);

  std::mutex mutex_;
  SQLite::Database db_;
  Promised promised_ = kUnknown;
  WalCheckpointer checkpointer_;
  std::mutex mending_;  // before mutex_
  // Only for its own handle of the log. The system reports a failure once to
  // each handle, so one that was reported elsewhere is not lost here.
  SQLite::Database synced_;
  LogSyncer syncer_;
};

}  // namespace rekindle

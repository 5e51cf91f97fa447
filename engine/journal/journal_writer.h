// journal.db as SQLite sees it: its schema, and the one connection that writes.
//
//   names       number, name of each kind of event
//   batches     number, first: the positions it covers (several where small
//               ones were merged); users | names and times | properties,
//               packed apart, so that a reader unpacks what it needs
//   pruned      the newest instant that was pruned, if any was
//   batch_ids   the ids of messages, until they are folded (message_ids.h)
//   id_runs, id_pages   afterwards (id_run.h)
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <type_traits>

#include "engine/journal/log_folder.h"

namespace rekindle {

inline std::string_view BlobOf(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()),
          static_cast<size_t>(column.getBytes())};
}

// Thread-safe: appends and the folding of message ids take turns.
class JournalWriter {
 public:
  // Creates the schema where the file is new. std::runtime_error where it was
  // written by another version.
  explicit JournalWriter(const std::filesystem::path& file);

  // Calls f(db) in a transaction of its own and commits it; what f throws
  // rolls back. What is deleted is wiped from the file.
  template <class F>
  auto Write(F&& f) {
    Mend();
    std::lock_guard lock(mutex_);
    Promise(kDurable);
    return Transact(f);
  }
  // The same, but durable with the next Sync or Write only, after all that was
  // written before it; and what is deleted is no secret and only given free.
  template <class F>
  void WriteLater(F&& f) {
    Mend();
    std::lock_guard lock(mutex_);
    Promise(kLater);
    Transact(f);
  }
  // What was written is durable when it returns. Where it fails, nothing more
  // is written until all of it is.
  void Sync();
  // Makes good a Sync that failed, if one did; throws where that fails, too.
  void Mend();
  // What was deleted stands nowhere on disk any more when it returns, unless
  // the file is read all the time that it waits (10 s).
  void FoldLog() { log_.FoldAll(); }
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

  // What the commits that follow hold to; nothing is written where it fails.
  void Promise(Promised promised);
  template <class F>
  auto Transact(F&& f) {
    SQLite::Transaction transaction(db_,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    if constexpr (std::is_void_v<decltype(f(db_))>) {
      f(db_);
      transaction.commit();
    } else {
      auto result = f(db_);
      transaction.commit();
      return result;
    }
  }

  std::mutex mutex_;
  SQLite::Database db_;
  Promised promised_ = kUnknown;
  std::atomic<bool> sync_failed_ = false;
  LogFolder log_;
};

}  // namespace rekindle

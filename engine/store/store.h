// store.db: everything but the raw events. One writer, one reader connection,
// so that a page never waits for a plan being written.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/store/database.h"

namespace rekindle {

// SQL scripts, run in one transaction. The n-th step (from 1) leads from schema
// version n - 1 to n.
using MigrationStep = std::vector<const char*>;

// Thread-safe. Failures of the disk or the file are SQLite::Exception.
class Store {
 public:
  // Creates the file where it is missing, and takes it through those of `steps`
  // that it has not taken yet. A transaction is durable when it returns (WAL,
  // synchronous FULL).
  Store(const std::filesystem::path& file,
        std::span<const MigrationStep> steps);

  // Runs `work` in one IMMEDIATE transaction and commits; an exception rolls
  // back and passes on. Not reentrant.
  template <class Work>
  auto Write(Work&& work) {
    std::lock_guard lock(write_mutex_);
    return InTransaction(writer_, work);
  }
  // Runs `work` on the last committed state.
  template <class Work>
  auto Read(Work&& work) const {
    std::lock_guard lock(read_mutex_);
    SQLite::Transaction transaction(reader_);
    return work(reader_);
  }

  // Writes the whole write-ahead log into the file and empties it, so that what
  // was erased stands nowhere on disk any more.
  void CheckpointLog();

  // Small named values: the time zone that days were cut in, the journal
  // position that columns reflect, the last step that the stored standings
  // show, the last slot of a recompute, the ledger's key, the salt of forgotten
  // ids.
  static std::string GetMeta(SQLite::Database& db, const std::string& key,
                             const std::string& otherwise);
  static void SetMeta(SQLite::Database& db, const std::string& key,
                      const std::string& value);

  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  std::mutex write_mutex_;
  mutable std::mutex read_mutex_;
  SQLite::Database writer_;
  mutable SQLite::Database reader_;
};

}  // namespace rekindle

#include "engine/journal/journal_writer.h"

#include <sqlite3.h>

#include <stdexcept>
#include <string>

namespace rekindle {
namespace {

constexpr int kSchemaVersion = 5;

// The index covers every question about times, so that they read no blobs.
constexpr char kSchema[] = R"sql(
CREATE TABLE names (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;
CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  events INTEGER NOT NULL,
  first_at INTEGER,
  last_at INTEGER,
  users BLOB NOT NULL,
  times BLOB NOT NULL,
  properties BLOB NOT NULL
) STRICT;
CREATE TABLE pruned (
  last_at INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_by_time ON batches (last_at, first_at, events);
CREATE TABLE batch_ids (
  number INTEGER PRIMARY KEY,
  ids BLOB NOT NULL
) STRICT;
CREATE TABLE id_runs (
  number INTEGER PRIMARY KEY,
  level INTEGER NOT NULL,
  first_batch INTEGER NOT NULL,
  last_batch INTEGER NOT NULL,
  ids INTEGER NOT NULL,
  page_starts BLOB NOT NULL
) STRICT;
)sql";

int SchemaVersion(SQLite::Database& db) {
  return db.execAndGet("PRAGMA user_version").getInt();
}

[[noreturn]] void RefuseVersion(const std::string& file, int version) {
  if (version > kSchemaVersion) {
    throw std::runtime_error(
        file + " was written by a newer rekindle: its schema is " +
        std::to_string(version) + ", this one knows schemas up to " +
        std::to_string(kSchemaVersion));
  }
  throw std::runtime_error(
      file + " was written by an older rekindle (schema " +
      std::to_string(version) +
      "), which this one cannot read; move the data folder aside and import "
      "the events again");
}

}  // namespace

JournalWriter::JournalWriter(const std::filesystem::path& file) try
    : db_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
          kBusyTimeoutMs),
      checkpointer_(file, mutex_),
      synced_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
              kBusyTimeoutMs),
      syncer_([this] { SyncFile(LogFile(synced_)); }) {
  db_.exec("PRAGMA page_size = 16384");  // batches are large
  db_.exec("PRAGMA auto_vacuum = INCREMENTAL");
  db_.exec("PRAGMA journal_mode = WAL");
  // In place of SQLite's own checkpoints, which are the committing thread's.
  const auto committed = [](void* checkpointer, sqlite3*, const char*,
                            int pages) {
    static_cast<WalCheckpointer*>(checkpointer)->Committed(pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_.getHandle(), committed, &checkpointer_);
  const int version = SchemaVersion(db_);
  if (version == 0) {
    Write([](SQLite::Database& db) {
      db.exec(kSchema);
      db.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
    });
  } else if (version != kSchemaVersion) {
    RefuseVersion(db_.getFilename(), version);
  }
  SchemaVersion(synced_);  // whoever reads has the log open
  // A program that was killed may have failed to sync it: see Mend.
  checkpointer_.CheckpointAll();
} catch (const SQLite::Exception& e) {
  ThrowNamed(file, e);
}

JournalWriter::~JournalWriter() {
  if (!checkpointer_.keeps_log()) return;
  KeepLogOnClose(db_);
  KeepLogOnClose(synced_);
}

// After a sync that failed the system may take for clean what never reached the
// disk, and say the next time that all is well
// (https://lwn.net/Articles/752063, "PostgreSQL's fsync() surprise"). So the
// log is not synced once more: what is in it is written anew, into the
// database's own file.
void JournalWriter::Mend() {
  if (!syncer_.failed()) return;
  std::lock_guard one(mending_);
  if (!syncer_.failed()) return;
  const JournalPosition written = syncer_.written();
  if (!checkpointer_.CheckpointAll()) {
    throw std::runtime_error(db_.getFilename() +
                             ": a write failed, and cannot be made good as "
                             "long as the file is being read");
  }
  syncer_.Mended(written);
}

void JournalWriter::Promise(Promised promised) {
  if (promised_ == promised) return;
  promised_ = kUnknown;
  if (promised == kDurable) {
    db_.exec("PRAGMA synchronous = FULL");
    db_.exec("PRAGMA secure_delete = ON");  // Forget means it
  } else {
    db_.exec("PRAGMA synchronous = NORMAL");
    db_.exec("PRAGMA secure_delete = OFF");
  }
  promised_ = promised;
}

}  // namespace rekindle

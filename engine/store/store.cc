#include "engine/store/store.h"

#include <sqlite3.h>

#include <stdexcept>

namespace rekindle {
namespace {

// A connection is used under a mutex of ours, so that SQLite need not take its
// own at every call.
constexpr int kOneThreadAtATime = SQLITE_OPEN_NOMUTEX;

// Pages in the log before a checkpoint writes them into the file. A page that
// delivery writes again and again is then written there once, and the log stays
// near 16 MB.
constexpr int kPagesInLog = 4000;

int64_t SchemaVersion(SQLite::Database& db) {
  return db.execAndGet("PRAGMA user_version").getInt64();
}

void Migrate(SQLite::Database& db, const std::filesystem::path& file,
             std::span<const MigrationStep> steps) {
  const auto known = static_cast<int64_t>(steps.size());
  const int64_t version = SchemaVersion(db);
  if (version > known) {
    throw std::runtime_error(
        file.string() + " was written by a newer rekindle: its schema is " +
        std::to_string(version) + ", this one knows schemas up to " +
        std::to_string(known));
  }
  for (int64_t step = version; step < known; ++step) {
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    for (const char* script : steps[step]) db.exec(script);
    db.exec("PRAGMA user_version = " + std::to_string(step + 1));
    transaction.commit();
  }
}

}  // namespace

Store::Store(const std::filesystem::path& file,
             std::span<const MigrationStep> steps) try
    : file_(file),
      writer_(file.string(),
              SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | kOneThreadAtATime,
              kBusyTimeoutMs),
      reader_(file.string(), SQLite::OPEN_READONLY | kOneThreadAtATime,
              kBusyTimeoutMs) {
  writer_.exec("PRAGMA journal_mode = WAL");
  writer_.exec("PRAGMA synchronous = FULL");
  writer_.exec("PRAGMA cache_size = -65536");
  writer_.exec("PRAGMA wal_autocheckpoint = " + std::to_string(kPagesInLog));
  Migrate(writer_, file, steps);
} catch (const SQLite::Exception& e) {
  ThrowNamed(file, e);
}

void Store::CheckpointLog() {
  std::lock_guard lock(write_mutex_);
  writer_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::string Store::GetMeta(SQLite::Database& db, const std::string& key,
                           const std::string& otherwise) {
  SQLite::Statement get(db, "SELECT value FROM meta WHERE key = ?");
  get.bind(1, key);
  return get.executeStep() ? get.getColumn(0).getString() : otherwise;
}

void Store::SetMeta(SQLite::Database& db, const std::string& key,
                    const std::string& value) {
  SQLite::Statement set(
      db,
      "INSERT INTO meta (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value");
  SQLite::bind(set, key, value);
  set.exec();
}

}  // namespace rekindle

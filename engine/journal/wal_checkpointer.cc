#include "engine/journal/wal_checkpointer.h"

#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <string>
#include <utility>

#include "engine/store/database.h"

namespace rekindle {
namespace {

constexpr int kPagesToCheckpoint = 250;  // 4 MB
constexpr int kLongLog = 1000;           // pages: then it is begun anew

sqlite3_file* FileOf(SQLite::Database& db, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db.getHandle(), "main", which, &file);
  return file;
}

}  // namespace

sqlite3_file* LogFile(SQLite::Database& db) {
  return FileOf(db, SQLITE_FCNTL_JOURNAL_POINTER);
}

void SyncFile(sqlite3_file* file) {
  const int synced =
      file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (synced == SQLITE_OK) return;
  throw SQLite::Exception(
      std::string("the disk does not take it: ") + sqlite3_errstr(synced),
      synced);
}

void KeepLogOnClose(SQLite::Database& db) {
  sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                    nullptr);
}

WalCheckpointer::WalCheckpointer(std::filesystem::path file,
                                 std::mutex& writing)
    : file_(std::move(file)), writing_(writing), thread_([this] { Loop(); }) {}

WalCheckpointer::~WalCheckpointer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void WalCheckpointer::Committed(int pages) {
  {
    std::lock_guard lock(mutex_);
    if (pages < pages_) checkpointed_ = 0;  // it was begun anew
    pages_ = pages;
    if (!IsDue()) return;
  }
  wake_.notify_all();
}

bool WalCheckpointer::IsDue() const {
  return pages_ - checkpointed_ >= kPagesToCheckpoint;
}

bool WalCheckpointer::keeps_log() {
  std::lock_guard one(checkpointing_);
  return keeps_log_;
}

bool WalCheckpointer::CheckpointAll() {
  std::lock_guard one(checkpointing_);
  if (keeps_log_) {
    throw std::runtime_error(file_.string() +
                             ": the disk did not take a write; it is made good "
                             "by the next start");
  }
  std::lock_guard lock(writing_);
  const bool kept = db().execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt();
  return !kept;
}

void WalCheckpointer::Loop() {
  bool failing = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || IsDue(); });
    if (!IsDue()) return;
    const int pages = checkpointed_ = pages_;
    lock.unlock();
    try {
      CheckpointBeside(pages >= kLongLog);
      failing = false;
    } catch (const std::exception& e) {
      // Nothing is lost, and it is tried again some commits later.
      if (!std::exchange(failing, true)) {
        spdlog::warn("{}: the log cannot be checkpointed for now: {}",
                     file_.string(), e.what());
      }
    }
    lock.lock();
  }
}

// A log that is checkpointed to its end is written again from its beginning.
// Under a load its end moves on, so the last little is written while nobody
// writes. It is then that SQLite syncs the file: nearly all of it is there
// already.
void WalCheckpointer::CheckpointBeside(bool begin_anew) {
  // The second time what was appended meanwhile.
  const int times = begin_anew ? 2 : 1;
  std::lock_guard one(checkpointing_);
  if (keeps_log_) return;
  for (int i = 0; i < times; ++i) {
    db().exec("PRAGMA wal_checkpoint(PASSIVE)");
    SyncCheckpointed();
  }
  if (!begin_anew) return;
  std::lock_guard lock(writing_);
  db().exec("PRAGMA wal_checkpoint(PASSIVE)");
}

void WalCheckpointer::SyncCheckpointed() {
  try {
    SyncFile(FileOf(db(), SQLITE_FCNTL_FILE_POINTER));
  } catch (const std::exception& e) {
    keeps_log_ = true;
    KeepLogOnClose(db());
    spdlog::error(
        "{}: {}; the log grows until the next start, which makes it "
        "good",
        file_.string(), e.what());
  }
}

SQLite::Database& WalCheckpointer::db() {
  if (!db_) {
    db_.emplace(file_.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
    db_->exec("PRAGMA synchronous = FULL");
  }
  return *db_;
}

}  // namespace rekindle

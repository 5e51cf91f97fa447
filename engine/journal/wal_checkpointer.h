// Checkpoints a database's write-ahead log on a thread of its own, that is,
// writes what stands in it into the database's file: an append that did it
// would wait for many megabytes and two syncs. Little is written at a time, so
// that a sync of the log never waits for much on its way to the disk, and the
// log is begun anew when it is long, as appends wait for that. Not to be taken
// for a checkpoint of the engine, which saves columns.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

struct sqlite3_file;

namespace rekindle {

// The write-ahead log of a connection that has read or written, for as long as
// that is open.
sqlite3_file* LogFile(SQLite::Database& db);
// What was written to the file is on disk when it returns; SQLite::Exception
// where it is not. Needs no lock.
void SyncFile(sqlite3_file* file);

// Closing the connection, even as the last one, leaves the log as it is.
void KeepLogOnClose(SQLite::Database& db);

// Thread-safe. `writing` is held by whoever writes to the database.
class WalCheckpointer {
 public:
  WalCheckpointer(std::filesystem::path file, std::mutex& writing);
  // Waits for what was begun.
  ~WalCheckpointer();

  // A commit has left the log with so many pages: writes them into the file
  // where that is due, and does not wait. May be called with `writing` held.
  void Committed(int pages);
  // Writes all of it into the file and empties the log: what was deleted stands
  // nowhere on disk any more. False where a reader kept it from doing so.
  // Throws where it failed, and always after keeps_log(). REQUIRES: the caller
  // does not hold `writing`.
  bool CheckpointAll();
  // A sync of the file failed, so that pages written to it may never reach the
  // disk, though a later sync says that all is well. From then on the log is
  // only added to: the next start, which reads all of it, writes it once more.
  // Whoever closes the database must leave it as it is, too.
  bool keeps_log();

 private:
  bool IsDue() const;  // REQUIRES: mutex_ is held
  void Loop();
  void CheckpointBeside(bool begin_anew);
  void SyncCheckpointed();  // REQUIRES: checkpointing_ is held
  SQLite::Database& db();

  const std::filesystem::path file_;
  std::mutex& writing_;
  std::mutex checkpointing_;  // before `writing`; guards the next two
  std::optional<SQLite::Database> db_;
  bool keeps_log_ = false;
  std::mutex mutex_;  // guards the rest
  std::condition_variable wake_;
  int pages_ = 0;         // of the log
  int checkpointed_ = 0;  // of those, or tried
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace rekindle

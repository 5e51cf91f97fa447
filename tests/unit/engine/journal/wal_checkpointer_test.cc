#include "engine/journal/wal_checkpointer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "tests/support/failing_sync.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

class WalCheckpointerTest : public ::testing::Test {
 protected:
  WalCheckpointerTest()
      : db_(file_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    db_.exec("PRAGMA journal_mode = WAL");
    db_.exec("PRAGMA wal_autocheckpoint = 0");
    db_.exec("CREATE TABLE t (x)");
  }
  void Write(int rows) {
    for (int i = 0; i < rows; ++i) {
      std::lock_guard lock(writing_);
      db_.exec("INSERT INTO t VALUES (1)");
    }
  }
  // How many rows the file holds without its log.
  int RowsInFile() const {
    const std::string alone = (dir_ / "alone.db").string();
    std::filesystem::copy_file(
        file_, alone, std::filesystem::copy_options::overwrite_existing);
    SQLite::Database db(alone, SQLite::OPEN_READWRITE);
    if (!db.tableExists("t")) return -1;
    return db.execAndGet("SELECT count(*) FROM t").getInt();
  }
  bool IsCheckpointedSoon(int rows) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      try {
        if (RowsInFile() == rows) return true;
      } catch (const SQLite::Exception&) {
        // It is just being written.
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  size_t LogBytes() const { return std::filesystem::file_size(file_ + "-wal"); }

  testing::TempDir dir_;
  std::string file_ = (dir_ / "x.db").string();
  SQLite::Database db_;
  std::mutex writing_;
};

TEST_F(WalCheckpointerTest, ALongLogIsCheckpointedBesideTheWriter) {
  Write(10);
  EXPECT_EQ(RowsInFile(), -1);
  const size_t before = LogBytes();
  {
    WalCheckpointer checkpointer(file_, writing_);
    checkpointer.Committed(1000);
  }
  EXPECT_EQ(RowsInFile(), 10);
  // It is written again from its beginning.
  Write(1);
  EXPECT_EQ(LogBytes(), before);
}

TEST_F(WalCheckpointerTest, IsCheckpointedByLittle) {
  struct Commit {
    int pages;
    bool is_checkpointed;
  };
  struct Case {
    const char* what;
    std::vector<Commit> commits;
  };
  const Case kCases[] = {
      {"too few", {{249, false}}},
      {"enough", {{100, false}, {250, true}}},
      {"too few more", {{250, true}, {499, false}}},
      {"enough more", {{250, true}, {500, true}}},
      {"too few of a log begun anew", {{500, true}, {249, false}}},
      {"enough of one", {{500, true}, {10, false}, {260, true}}},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    db_.exec("DELETE FROM t");
    int rows = 0, in_file = 0;
    {
      WalCheckpointer checkpointer(file_, writing_);
      checkpointer.CheckpointAll();
      for (const Commit& commit : c.commits) {
        Write(1);
        checkpointer.Committed(commit.pages);
        ++rows;
        if (!commit.is_checkpointed) continue;
        in_file = rows;
        ASSERT_TRUE(IsCheckpointedSoon(rows)) << commit.pages;
      }
    }
    EXPECT_EQ(RowsInFile(), in_file);
  }
}

TEST_F(WalCheckpointerTest, AllOfItMayBeCheckpointedAtOnce) {
  WalCheckpointer checkpointer(file_, writing_);
  Write(10);
  checkpointer.CheckpointAll();
  EXPECT_EQ(RowsInFile(), 10);
  EXPECT_EQ(LogBytes(), 0u);
}

TEST_F(WalCheckpointerTest, CheckpointsWhileRowsAreWritten) {
  {
    WalCheckpointer checkpointer(file_, writing_);
    for (int i = 0; i < 50; ++i) {
      Write(5);
      checkpointer.Committed(250 * (i + 1));
    }
    checkpointer.CheckpointAll();
  }
  EXPECT_EQ(RowsInFile(), 250);
}

// What was checkpointed may not have reached the disk: here it is taken away
// again.
TEST(WalCheckpointerSyncTest, ASyncThatFailedIsMadeGoodByTheNextStart) {
  testing::TempDir dir;
  const std::string file = (dir / "x.db").string();
  std::string before;
  {
    SQLite::Database db(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA wal_autocheckpoint = 0");
    db.exec("CREATE TABLE t (x)");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    before = dir.Read("x.db");
    db.exec("INSERT INTO t VALUES (1)");
    std::mutex writing;
    {
      WalCheckpointer checkpointer(file, writing);
      // A reader of today keeps SQLite from checkpointing all and syncing by
      // itself.
      SQLite::Database reader(file, SQLite::OPEN_READONLY);
      SQLite::Transaction reading(reader);
      reader.execAndGet("SELECT count(*) FROM t");
      db.exec("INSERT INTO t VALUES (2)");
      {
        testing::FailingSync failing("x.db$");
        checkpointer.Committed(1000);
        while (!checkpointer.keeps_log()) std::this_thread::yield();
      }
      reading.commit();
      EXPECT_THROW((void)checkpointer.CheckpointAll(), std::runtime_error);
      db.exec("INSERT INTO t VALUES (3)");
      checkpointer.Committed(2000);
    }
    KeepLogOnClose(db);
  }
  dir.Write("x.db", before);
  SQLite::Database db(file, SQLite::OPEN_READWRITE);
  EXPECT_EQ(db.execAndGet("SELECT sum(x) FROM t").getInt(), 6);
}

}  // namespace
}  // namespace rekindle

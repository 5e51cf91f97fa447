#include "engine/journal/log_folder.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

class LogFolderTest : public ::testing::Test {
 protected:
  LogFolderTest() : db_(file_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
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
  size_t LogBytes() const { return std::filesystem::file_size(file_ + "-wal"); }

  testing::TempDir dir_;
  std::string file_ = (dir_ / "x.db").string();
  SQLite::Database db_;
  std::mutex writing_;
};

TEST_F(LogFolderTest, WhatWasBegunIsFoldedBesideTheWriter) {
  Write(10);
  EXPECT_EQ(RowsInFile(), -1);
  const size_t before = LogBytes();
  {
    LogFolder folder(file_, writing_);
    folder.Begin();
  }
  EXPECT_EQ(RowsInFile(), 10);
  // It is written again from its beginning.
  Write(1);
  EXPECT_EQ(LogBytes(), before);
}

TEST_F(LogFolderTest, AllOfItMayBeFoldedAtOnce) {
  LogFolder folder(file_, writing_);
  Write(10);
  folder.FoldAll();
  EXPECT_EQ(RowsInFile(), 10);
  EXPECT_EQ(LogBytes(), 0u);
}

TEST_F(LogFolderTest, FoldsWhileRowsAreWritten) {
  {
    LogFolder folder(file_, writing_);
    for (int i = 0; i < 50; ++i) {
      Write(5);
      folder.Begin();
    }
    folder.FoldAll();
  }
  EXPECT_EQ(RowsInFile(), 250);
}

}  // namespace
}  // namespace rekindle

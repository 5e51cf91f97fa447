#include "config/base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <system_error>

#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

TEST(FileTest, WhatWasWrittenIsReadAtAPlace) {
  const testing::TempDir dir;
  {
    File out(dir / "a", O_WRONLY | O_CREAT | O_EXCL);
    out.Write("0123");
    out.Write("456789");
    out.Sync();
  }
  SyncFolder(dir.path());
  const File in(dir / "a", O_RDONLY);
  std::array<char, 4> bytes{};
  EXPECT_EQ(in.ReadAt(5, bytes), 4u);
  EXPECT_EQ(std::string_view(bytes.data(), 4), "5678");
  EXPECT_EQ(in.ReadAt(8, bytes), 2u);
  EXPECT_EQ(std::string_view(bytes.data(), 2), "89");
  EXPECT_EQ(in.ReadAt(10, bytes), 0u);
}

TEST(FileTest, FailuresNameTheFile) {
  const testing::TempDir dir;
  const std::string path = dir / "not_there";
  try {
    const File file(path, O_RDONLY);
    FAIL() << "a file that is not there is open";
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(e.what(), path + ": No such file or directory");
  }
}

}  // namespace
}  // namespace rekindle

// One hand-off file: rows are appended, each touch once, and durable before
// anybody is told that they are there.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "config/base/file.h"
#include "engine/ledger/ledger.h"

namespace rekindle {

// Keeps what it knows of the file between calls and reads it again where it
// changed meanwhile. One thread at a time; several may have the same file.
class HandOffFile {
 public:
  explicit HandOffFile(std::filesystem::path path);

  // Makes sure that every touch has its row, on disk. Creates the folder and
  // the file; cuts a torn last row first; leaves out touches that have a row. A
  // part key that the file has no column for becomes a new last column. Where
  // the disk fails, throws std::system_error, and the file holds whole rows
  // only; its code is std::errc::file_exists where a file of that name is no
  // hand-off.
  void Put(std::span<const ClaimedTouch* const> touches);

 private:
  // What the file was when `columns_` and `ids_` were read or written.
  struct Seen {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  static Seen Look(const File& file);

  void Load(File& file);
  void Parse(const std::string& content);
  // Adds the touches' part keys to the columns; true where there are new ones.
  bool AddColumns(std::span<const ClaimedTouch* const> touches);
  std::string Row(const ClaimedTouch& touch) const;
  static void Append(File& file, const std::string& rows);
  void Rewrite(const File& before, size_t old_columns, const std::string& rows);

  const std::filesystem::path path_;
  Seen seen_;
  std::vector<std::string> columns_;  // of parts, after touch_id and user_id
  std::unordered_set<std::string> ids_;
};

}  // namespace rekindle

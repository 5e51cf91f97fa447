#include "channels/file/hand_off_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <system_error>

#include "channels/file/hand_off_csv.h"
#include "config/base/csv.h"
#include "config/base/file.h"

namespace rekindle {
namespace {

const std::vector<std::string> kOwnColumns = {"touch_id", "user_id"};

// Whoever takes the files over may be of the same group.
constexpr unsigned kPermissions = 0640;

std::string ReadAll(const File& file, int64_t size) {
  std::string bytes(static_cast<size_t>(size), '\0');
  bytes.resize(file.ReadAt(0, bytes));
  return bytes;
}

// The record with `added` empty cells at its end, as it stood before.
std::string Widened(const CsvReader& record, size_t added) {
  return record.raw() + std::string(added, ',') + '\n';
}

}  // namespace

HandOffFile::HandOffFile(std::filesystem::path path) : path_(std::move(path)) {}

HandOffFile::Seen HandOffFile::Look(const File& file) {
  struct stat info;
  if (fstat(file.descriptor(), &info) != 0) ThrowErrno(file.path());
  return {info.st_dev, info.st_ino, info.st_size};
}

void HandOffFile::Put(std::span<const ClaimedTouch* const> touches) {
  // Two channels of a rule may have one folder, and so the same file: each
  // would write its rows where the other's begin. Of the whole process, as the
  // file is: after a reload the adapters before may be writing still.
  static std::mutex writing;
  std::lock_guard lock(writing);
  MakeFolders(path_.parent_path());
  File file(path_, O_RDWR | O_CREAT, kPermissions);
  // Rows found here may be another process's last words before a crash: they
  // are on disk only once this one has seen to it.
  const bool first_sight = Look(file) != seen_;
  if (first_sight) Load(file);
  seen_ = Seen();  // until all went well

  std::string rows;
  const size_t old_columns = columns_.size();
  const bool was_empty = ids_.empty() && Look(file).size == 0;
  const bool wider = AddColumns(touches);
  std::vector<std::string> added;
  for (const ClaimedTouch* touch : touches) {
    if (!ids_.insert(SafeCell(touch->touch_id)).second) continue;
    rows += Row(*touch);
  }
  if (wider && !was_empty) {
    Rewrite(file, old_columns, rows);
    return;
  }
  if (was_empty) {
    std::vector<std::string> header = kOwnColumns;
    header.insert(header.end(), columns_.begin(), columns_.end());
    rows = CsvRow(header) + rows;
  }
  Append(file, rows);
  if (first_sight) SyncFolder(path_.parent_path());
  seen_ = Look(file);
}

void HandOffFile::Load(File& file) {
  columns_.clear();
  ids_.clear();
  std::string content = ReadAll(file, Look(file).size);
  const size_t whole = WholeRows(content);
  if (whole < content.size()) {
    file.Truncate(static_cast<int64_t>(whole));
    content.resize(whole);
  }
  Parse(content);
}

void HandOffFile::Parse(const std::string& content) {
  std::istringstream in(content);
  CsvReader reader(in);
  std::vector<std::string> fields;
  if (!reader.Next(&fields)) return;
  if (fields.size() < kOwnColumns.size() ||
      !std::equal(kOwnColumns.begin(), kOwnColumns.end(), fields.begin())) {
    throw std::system_error(std::make_error_code(std::errc::file_exists),
                            path_.string() + ": not a hand-off file");
  }
  columns_.assign(fields.begin() + kOwnColumns.size(), fields.end());
  while (reader.Next(&fields)) {
    if (reader.error().empty()) ids_.insert(fields[0]);
  }
}

bool HandOffFile::AddColumns(std::span<const ClaimedTouch* const> touches) {
  const size_t before = columns_.size();
  for (const ClaimedTouch* touch : touches) {
    for (const auto& [key, text] : touch->parts) {
      const std::string name = SafeCell(key);
      if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) {
        columns_.push_back(name);
      }
    }
  }
  return columns_.size() > before;
}

std::string HandOffFile::Row(const ClaimedTouch& touch) const {
  std::vector<std::string> cells(kOwnColumns.size() + columns_.size());
  cells[0] = touch.touch_id;
  cells[1] = touch.user_id;
  for (const auto& [key, text] : touch.parts) {
    const auto column =
        std::find(columns_.begin(), columns_.end(), SafeCell(key));
    cells[kOwnColumns.size() + (column - columns_.begin())] = text;
  }
  return CsvRow(cells);
}

void HandOffFile::Append(File& file, const std::string& rows) {
  const int64_t end = Look(file).size;
  try {
    file.WriteAt(end, rows);
    file.Sync();
  } catch (const std::system_error& failure) {
    // A full disk may have taken half a row. Cutting it off needs no room; and
    // where that fails, too, the next Load does.
    try {
      file.Truncate(end);
    } catch (const std::system_error&) {
      throw failure;
    }
    throw;
  }
}

void HandOffFile::Rewrite(const File& before, size_t old_columns,
                          const std::string& rows) {
  std::istringstream in(ReadAll(before, Look(before).size));
  CsvReader reader(in);
  std::vector<std::string> fields;
  std::vector<std::string> header = kOwnColumns;
  header.insert(header.end(), columns_.begin(), columns_.end());
  std::string content = CsvRow(header);
  (void)reader.Next(&fields);  // the old header
  while (reader.Next(&fields)) {
    content += Widened(reader, columns_.size() - old_columns);
  }
  content += rows;

  std::filesystem::path next = path_;
  next += ".new";
  File file(next, O_RDWR | O_CREAT | O_TRUNC, kPermissions);
  Append(file, content);
  std::filesystem::rename(next, path_);
  SyncFolder(path_.parent_path());
  seen_ = Look(file);
}

}  // namespace rekindle

#include "engine/journal/id_run.h"

#include <SQLiteCpp/VariadicBind.h>
#include <fcntl.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "engine/store/statements.h"

namespace rekindle {
namespace {

constexpr size_t kPagesAtOnce = 16;
constexpr auto kPageBytes = static_cast<int64_t>(sizeof(IdPage));

std::span<const IdHash> IdsOn(const IdPage& page, size_t count) {
  return std::span(page).subspan(1, count);
}

uint64_t ChecksumOf(std::span<const IdHash> ids) {
  return XXH3_64bits(ids.data(), ids.size_bytes());
}

// Of which so many bytes were read.
bool IsWhole(const IdPage& page, size_t bytes) {
  if (bytes < sizeof(IdHash)) return false;
  const auto [checksum, count] = page[0];
  return count <= kPageIds && bytes >= (1 + count) * sizeof(IdHash) &&
         ChecksumOf(IdsOn(page, count)) == checksum;
}

[[noreturn]] void ThrowDamaged(const File& file, size_t page) {
  throw std::runtime_error(file.path().string() + ": page " +
                           std::to_string(page) +
                           " of the message ids is damaged");
}

std::span<char> BytesOf(std::span<IdPage> pages) {
  return {reinterpret_cast<char*>(pages.data()), pages.size_bytes()};
}

}  // namespace

int64_t IdRun::bytes() const {
  return (ids + static_cast<int64_t>(page_starts.size())) *
         static_cast<int64_t>(sizeof(IdHash));
}

std::vector<IdRun> LoadIdRuns(SQLite::Database& db) {
  SQLite::Statement rows(
      db,
      "SELECT number, level, first_batch, last_batch, ids, page_starts "
      "FROM id_runs ORDER BY number");
  std::vector<IdRun> runs;
  while (rows.executeStep()) {
    IdRun& run = runs.emplace_back();
    run.number = rows.getColumn(0).getInt64();
    run.level = rows.getColumn(1).getInt();
    run.first_batch = rows.getColumn(2).getInt64();
    run.last_batch = rows.getColumn(3).getInt64();
    run.ids = rows.getColumn(4).getInt64();
    const std::string_view starts = BlobOf(rows.getColumn(5));
    run.page_starts.resize(starts.size() / sizeof(uint64_t));
    std::memcpy(run.page_starts.data(), starts.data(),
                run.page_starts.size() * sizeof(uint64_t));
  }
  return runs;
}

void InsertIdRun(SQLite::Database& db, const IdRun& run) {
  SQLite::Statement insert(
      db,
      "INSERT INTO id_runs (number, level, first_batch, last_batch, ids, "
      "page_starts) VALUES (?, ?, ?, ?, ?, ?)");
  SQLite::bind(insert, run.number, run.level, run.first_batch, run.last_batch,
               run.ids);
  insert.bindNoCopy(
      6, run.page_starts.data(),
      static_cast<int>(run.page_starts.size() * sizeof(uint64_t)));
  insert.exec();
}

void DeleteIdRun(SQLite::Database& db, int64_t number) {
  SQLite::Statement remove(db, "DELETE FROM id_runs WHERE number = ?");
  remove.bind(1, number);
  remove.exec();
}

IdRunDirectory::IdRunDirectory(const std::filesystem::path& journal)
    : directory_(journal.string() + "-ids") {}

std::filesystem::path IdRunDirectory::FileOf(int64_t run) const {
  return directory_ / std::to_string(run);
}

void IdRunDirectory::CheckThere(std::span<const IdRun> runs) const {
  for (const IdRun& run : runs) {
    const std::filesystem::path file = FileOf(run.number);
    std::error_code missing;
    const auto size = std::filesystem::file_size(file, missing);
    if (!missing && size == static_cast<uintmax_t>(run.bytes())) continue;
    throw std::runtime_error(
        file.string() + (missing ? " is missing" : " is cut short") +
        ": whether an event came before cannot be told without it; put the "
        "data folder back from a backup");
  }
}

void IdRunDirectory::DeleteOthers(std::span<const IdRun> runs) const {
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory_, none)) {
    const bool named = std::any_of(
        runs.begin(), runs.end(),
        [&](const IdRun& run) { return entry.path() == FileOf(run.number); });
    if (!named) std::filesystem::remove(entry.path(), none);
  }
}

void IdRunDirectory::Create() const { MakeFolders(directory_); }

void IdRunDirectory::Delete(int64_t run) const {
  std::error_code left;
  std::filesystem::remove(FileOf(run), left);
}

IdRunReader::IdRunReader(const IdRunDirectory& directory, const IdRun& run)
    : file_(directory.FileOf(run.number), O_RDONLY),
      pages_(run.page_starts.size()) {}

std::span<const IdHash> IdRunReader::NextPage() {
  if (next_ == pages_) return {};
  if (next_ % kPagesAtOnce == 0) Fill();
  const IdPage& page = read_[next_++ % kPagesAtOnce];
  return IdsOn(page, page[0][1]);
}

void IdRunReader::Fill() {
  read_.resize(std::min(kPagesAtOnce, pages_ - next_));
  size_t bytes =
      file_.ReadAt(static_cast<int64_t>(next_) * kPageBytes, BytesOf(read_));
  for (size_t i = 0; i < read_.size(); ++i) {
    if (!IsWhole(read_[i], bytes)) {
      ThrowDamaged(file_, next_ + i);
    }
    bytes -= std::min(bytes, sizeof(IdPage));
  }
}

IdRunSearch::IdRunSearch(const IdRunDirectory& directory)
    : directory_(directory) {}

std::vector<IdHash> IdRunSearch::TakeFrom(const IdRun& run,
                                          std::vector<IdHash>* ids) {
  std::vector<IdHash> found, others;
  const auto& starts = run.page_starts;
  const auto holds = [&](const IdHash& id) {
    // Ids may share their upper half across the border of two pages.
    auto page = std::lower_bound(starts.begin(), starts.end(), id[0]);
    if (page != starts.begin()) --page;
    for (; page != starts.end() && *page <= id[0]; ++page) {
      const auto there = Page(run.number, page - starts.begin());
      if (std::binary_search(there.begin(), there.end(), id)) return true;
    }
    return false;
  };
  for (const IdHash& id : *ids) (holds(id) ? found : others).push_back(id);
  *ids = std::move(others);
  return found;
}

void IdRunSearch::Close(int64_t run) {
  files_.erase(run);
  at_.reset();
}

std::span<const IdHash> IdRunSearch::Page(int64_t run, int64_t number) {
  if (at_ != std::pair(run, number)) {
    at_.reset();
    const auto file =
        files_.try_emplace(run, directory_.FileOf(run), O_RDONLY).first;
    const size_t bytes =
        file->second.ReadAt(number * kPageBytes, BytesOf({&page_, 1}));
    if (!IsWhole(page_, bytes)) {
      ThrowDamaged(file->second, static_cast<size_t>(number));
    }
    at_ = {run, number};
  }
  return IdsOn(page_, page_[0][1]);
}

IdRunWriter::IdRunWriter(const IdRunDirectory& directory, int64_t number)
    : directory_(directory) {
  directory_.Create();
  file_.emplace(directory_.FileOf(number), O_WRONLY | O_CREAT | O_TRUNC);
  run_.number = number;
  pages_.reserve(kPagesAtOnce);
  pages_.emplace_back();
}

IdRunWriter::~IdRunWriter() {
  if (!file_) return;
  std::error_code kept;  // until the next start
  std::filesystem::remove(file_->path(), kept);
}

void IdRunWriter::Add(const IdHash& id) {
  pages_.back()[1 + on_page_++] = id;
  if (on_page_ < kPageIds) return;
  EndPage();
  if (pages_.size() == kPagesAtOnce) WritePages();
  pages_.emplace_back();
}

void IdRunWriter::EndPage() {
  IdPage& page = pages_.back();
  page[0] = {ChecksumOf(IdsOn(page, on_page_)), on_page_};
  run_.page_starts.push_back(page[1][0]);
  run_.ids += static_cast<int64_t>(on_page_);
  on_page_ = 0;
}

// The disk begins at once: a sync that finds megabytes to write would keep the
// log's syncs waiting.
void IdRunWriter::WritePages() {
  const std::span<char> bytes = BytesOf(pages_);
  const int64_t all = run_.bytes();
  const int64_t begin =
      static_cast<int64_t>(run_.page_starts.size() - pages_.size()) *
      kPageBytes;
  file_->Write({bytes.data(), static_cast<size_t>(all - begin)});
  ::sync_file_range(file_->descriptor(), begin, all - begin,
                    SYNC_FILE_RANGE_WRITE);
  pages_.clear();
}

IdRun IdRunWriter::Finish() {
  if (on_page_ > 0) {
    EndPage();
  } else {
    pages_.pop_back();
  }
  if (!pages_.empty()) WritePages();
  file_->Sync();
  file_.reset();
  SyncFolder(directory_.FileOf(run_.number).parent_path());
  return std::move(run_);
}

}  // namespace rekindle

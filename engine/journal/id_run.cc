#include "engine/journal/id_run.h"

#include <SQLiteCpp/VariadicBind.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace rekindle {
namespace {

constexpr size_t kChecksumSize = sizeof(uint64_t);
// With the row's head this just fits a page of 16 KiB.
constexpr size_t kPageIds = 1016;
constexpr size_t kPagesAtOnce = 16;  // in one transaction: appends wait

std::string PackPage(std::span<const IdHash> ids) {
  const uint64_t checksum = XXH3_64bits(ids.data(), ids.size_bytes());
  std::string packed(kChecksumSize + ids.size_bytes(), '\0');
  std::memcpy(packed.data(), &checksum, kChecksumSize);
  std::memcpy(packed.data() + kChecksumSize, ids.data(), ids.size_bytes());
  return packed;
}

// Behind what is there.
bool UnpackPage(std::string_view packed, std::vector<IdHash>* ids) {
  if (packed.size() < kChecksumSize ||
      (packed.size() - kChecksumSize) % sizeof(IdHash) != 0) {
    return false;
  }
  uint64_t checksum;
  std::memcpy(&checksum, packed.data(), kChecksumSize);
  packed.remove_prefix(kChecksumSize);
  const size_t before = ids->size();
  ids->resize(before + packed.size() / sizeof(IdHash));
  std::memcpy(ids->data() + before, packed.data(), packed.size());
  return XXH3_64bits(packed.data(), packed.size()) == checksum;
}

IdHash IdAt(std::string_view ids, size_t i) {
  IdHash id;
  std::memcpy(&id, ids.data() + i * sizeof id, sizeof id);
  return id;
}

bool PageHolds(std::string_view ids, const IdHash& id) {
  const size_t count = ids.size() / sizeof(IdHash);
  size_t low = 0;
  for (size_t high = count; low < high;) {
    const size_t middle = (low + high) / 2;
    if (IdAt(ids, middle) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && IdAt(ids, low) == id;
}

// Those that are there, from `first` to before `end`, a few at once.
void DeletePages(JournalWriter& writer, int64_t first, int64_t end,
                 const std::function<void()>& step) {
  for (size_t deleted = kPagesAtOnce; deleted == kPagesAtOnce;) {
    writer.WriteLater([&](SQLite::Database& db) {
      SQLite::Statement remove(
          db,
          "DELETE FROM id_pages WHERE number IN (SELECT number FROM id_pages "
          "WHERE number >= ? AND number < ? LIMIT ?)");
      SQLite::bind(remove, first, end, static_cast<int64_t>(kPagesAtOnce));
      deleted = static_cast<size_t>(remove.exec());
    });
    step();
  }
}

}  // namespace

std::vector<IdRun> LoadIdRuns(SQLite::Database& db) {
  SQLite::Statement rows(
      db,
      "SELECT number, level, first_batch, last_batch, ids, first_page, "
      "page_starts FROM id_runs ORDER BY number");
  std::vector<IdRun> runs;
  while (rows.executeStep()) {
    IdRun& run = runs.emplace_back();
    run.number = rows.getColumn(0).getInt64();
    run.level = rows.getColumn(1).getInt();
    run.first_batch = rows.getColumn(2).getInt64();
    run.last_batch = rows.getColumn(3).getInt64();
    run.ids = rows.getColumn(4).getInt64();
    run.first_page = rows.getColumn(5).getInt64();
    const std::string_view starts = BlobOf(rows.getColumn(6));
    run.page_starts.resize(starts.size() / sizeof(uint64_t));
    std::memcpy(run.page_starts.data(), starts.data(),
                run.page_starts.size() * sizeof(uint64_t));
  }
  return runs;
}

int64_t LastIdPage(SQLite::Database& db) {
  return db.execAndGet("SELECT coalesce(max(number), 0) FROM id_pages")
      .getInt64();
}

IdRunReader::IdRunReader(SQLite::Database& db, const IdRun& run)
    : db_(db),
      pages_(db,
             "SELECT ids FROM id_pages WHERE number >= ? AND number < ? "
             "ORDER BY number"),
      next_(run.first_page),
      end_(run.end_page()) {}

std::span<const IdHash> IdRunReader::NextPages() {
  ids_.clear();
  const auto end = std::min(end_, next_ + static_cast<int64_t>(kPagesAtOnce));
  SQLite::bind(pages_, next_, end);
  while (next_ < end && pages_.executeStep() &&
         UnpackPage(BlobOf(pages_.getColumn(0)), &ids_)) {
    ++next_;
  }
  pages_.reset();
  if (next_ < end) {
    throw std::runtime_error(db_.getFilename() + ": page " +
                             std::to_string(next_) +
                             " of the message ids is damaged");
  }
  return ids_;
}

IdRunSearch::IdRunSearch(SQLite::Database& db)
    : page_(db, "SELECT ids FROM id_pages WHERE number = ?") {}

bool IdRunSearch::Contains(const IdRun& run, const IdHash& id) {
  std::vector<IdHash> ids = {id};
  return !TakeFrom(run, &ids).empty();
}

std::vector<IdHash> IdRunSearch::TakeFrom(const IdRun& run,
                                          std::vector<IdHash>* ids) {
  std::vector<IdHash> found, others;
  const auto& starts = run.page_starts;
  const auto holds = [&](const IdHash& id) {
    // Ids may share their upper half across the border of two pages.
    auto page = std::lower_bound(starts.begin(), starts.end(), id[0]);
    if (page != starts.begin()) --page;
    for (; page != starts.end() && *page <= id[0]; ++page) {
      if (PageHolds(Page(run.first_page + (page - starts.begin())), id)) {
        return true;
      }
    }
    return false;
  };
  for (const IdHash& id : *ids) (holds(id) ? found : others).push_back(id);
  *ids = std::move(others);
  // A statement that is not reset keeps its read of the file open.
  page_.reset();
  number_ = 0;
  return found;
}

std::string_view IdRunSearch::Page(int64_t number) {
  if (number != number_) {
    page_.reset();
    page_.bind(1, number);
    number_ = page_.executeStep() ? number : 0;
  }
  if (number_ == 0) return {};
  std::string_view ids = BlobOf(page_.getColumn(0));
  ids.remove_prefix(std::min(kChecksumSize, ids.size()));
  return ids;
}

IdRunWriter::IdRunWriter(JournalWriter& writer, int64_t first_page)
    : writer_(writer) {
  run_.first_page = first_page;
  page_.reserve(kPageIds);
}

void IdRunWriter::Add(const IdHash& id) {
  page_.push_back(id);
  if (page_.size() == kPageIds) EndPage();
}

void IdRunWriter::EndPage() {
  run_.page_starts.push_back(page_.front()[0]);
  run_.ids += static_cast<int64_t>(page_.size());
  packed_.push_back(PackPage(page_));
  page_.clear();
  if (packed_.size() == kPagesAtOnce) WritePages();
}

void IdRunWriter::WritePages() {
  int64_t number = run_.end_page() - static_cast<int64_t>(packed_.size());
  writer_.WriteLater([&](SQLite::Database& db) {
    SQLite::Statement insert(
        db, "INSERT INTO id_pages (number, ids) VALUES (?, ?)");
    for (const std::string& page : packed_) {
      insert.bind(1, number++);
      insert.bindNoCopy(2, page.data(), static_cast<int>(page.size()));
      insert.exec();
      insert.reset();
    }
  });
  packed_.clear();
}

IdRun IdRunWriter::Finish() {
  if (!page_.empty()) EndPage();
  if (!packed_.empty()) WritePages();
  return std::move(run_);
}

void InsertIdRun(SQLite::Database& db, const IdRun& run) {
  SQLite::Statement insert(
      db,
      "INSERT INTO id_runs (number, level, first_batch, last_batch, ids, "
      "first_page, page_starts) VALUES (?, ?, ?, ?, ?, ?, ?)");
  SQLite::bind(insert, run.number, run.level, run.first_batch, run.last_batch,
               run.ids, run.first_page);
  insert.bindNoCopy(
      7, run.page_starts.data(),
      static_cast<int>(run.page_starts.size() * sizeof(uint64_t)));
  insert.exec();
}

void DeleteIdRun(SQLite::Database& db, int64_t number) {
  SQLite::Statement remove(db, "DELETE FROM id_runs WHERE number = ?");
  remove.bind(1, number);
  remove.exec();
}

void DropIdPages(JournalWriter& writer, const IdRun& run,
                 const std::function<void()>& step) {
  DeletePages(writer, run.first_page, run.end_page(), step);
}

void DropStrayIdPages(JournalWriter& writer, std::vector<IdRun> runs,
                      int64_t last, const std::function<void()>& step) {
  std::sort(runs.begin(), runs.end(), [](const IdRun& a, const IdRun& b) {
    return a.first_page < b.first_page;
  });
  int64_t from = 0;
  for (const IdRun& run : runs) {
    DeletePages(writer, from, run.first_page, step);
    from = run.end_page();
  }
  DeletePages(writer, from, last + 1, step);
}

}  // namespace rekindle

// Message ids on disk, exact.
//
//   id_pages   number, ids: about a thousand ids in order, after a checksum
//   id_runs    a stretch of pages in order; the batches whose ids they are;
//              the upper half of each page's first id
//
// A page fills one page of the database. Runs are written once, merged into
// larger ones, and dropped when the batches are gone; a process killed while
// it wrote one leaves pages that no run names.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/journal_writer.h"

namespace rekindle {

struct IdRun {
  int64_t number = 0;
  int level = 0;  // how often its ids were merged
  JournalPosition first_batch = 0, last_batch = 0;
  int64_t ids = 0;
  int64_t first_page = 0;
  std::vector<uint64_t> page_starts;

  int64_t end_page() const {
    return first_page + static_cast<int64_t>(page_starts.size());
  }
};

// By number, that is in the order of their batches.
std::vector<IdRun> LoadIdRuns(SQLite::Database& db);
// The number of the newest page, of a run or not; 0 where there is none.
int64_t LastIdPage(SQLite::Database& db);

// The ids of a run, in order. A few pages are read at once: a read that went on
// all the time would keep the file's log from being folded. A page that is not
// there or does not decode is std::runtime_error with its number.
class IdRunReader {
 public:
  IdRunReader(SQLite::Database& db, const IdRun& run);
  // Nothing at the end; what it gives lives until the next call.
  std::span<const IdHash> NextPages();

 private:
  SQLite::Database& db_;
  SQLite::Statement pages_;
  int64_t next_;
  const int64_t end_;
  std::vector<IdHash> ids_;
};

// Looks for ids in runs.
class IdRunSearch {
 public:
  explicit IdRunSearch(SQLite::Database& db);
  bool Contains(const IdRun& run, const IdHash& id);
  // Takes those that the run holds out of `ids`, which are in order.
  std::vector<IdHash> TakeFrom(const IdRun& run, std::vector<IdHash>* ids);

 private:
  std::string_view Page(int64_t number);

  SQLite::Statement page_;
  int64_t number_ = 0;  // of the page that the statement is at
};

// Writes the pages of one run, in several short transactions.
class IdRunWriter {
 public:
  IdRunWriter(JournalWriter& writer, int64_t first_page);
  // REQUIRES: in order.
  void Add(const IdHash& id);
  // Writes what is left. The run is complete but for its batches, level and
  // number, and nobody knows of it until it is put into id_runs.
  IdRun Finish();

 private:
  void EndPage();
  void WritePages();

  JournalWriter& writer_;
  IdRun run_;
  std::vector<IdHash> page_;
  std::vector<std::string> packed_;  // pages not yet written
};

void InsertIdRun(SQLite::Database& db, const IdRun& run);
void DeleteIdRun(SQLite::Database& db, int64_t number);
// Drops the pages of a run that is deleted, in several short transactions;
// step() is called between them.
void DropIdPages(JournalWriter& writer, const IdRun& run,
                 const std::function<void()>& step);
// The same for the pages up to `last` that none of the runs names.
void DropStrayIdPages(JournalWriter& writer, std::vector<IdRun> runs,
                      int64_t last, const std::function<void()>& step);

}  // namespace rekindle

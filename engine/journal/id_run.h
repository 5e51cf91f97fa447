// Message ids on disk, exact: runs, each with its ids in order.
//
//   journal.db-ids/17   the ids of run 17: pages of 16 KiB, each a checksum,
//                       how many ids there are, and the ids
//   id_runs             in journal.db: which runs there are; the batches whose
//                       ids they are; the upper half of each page's first id
//
// A run is written once, merged into larger ones, and deleted when the batches
// are gone. What stands in the database is written twice, by way of its log,
// and each commit waits for its turn there: hence the files of their own. A
// process killed while it wrote one leaves a file that no run names.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "config/base/file.h"
#include "engine/journal/id_hash.h"
#include "engine/journal/journal.h"

namespace rekindle {

struct IdRun {
  int64_t number = 0;
  int level = 0;  // how often its ids were merged
  JournalPosition first_batch = 0, last_batch = 0;
  int64_t ids = 0;
  std::vector<uint64_t> page_starts;

  int64_t bytes() const;  // of its file
};

// By number, that is in the order of their batches.
std::vector<IdRun> LoadIdRuns(SQLite::Database& db);
void InsertIdRun(SQLite::Database& db, const IdRun& run);
void DeleteIdRun(SQLite::Database& db, int64_t number);

// Where the files are. Failures of the disk are std::system_error with the
// file's name, here and below.
class IdRunDirectory {
 public:
  // Beside the journal; made with the first run.
  explicit IdRunDirectory(const std::filesystem::path& journal);

  std::filesystem::path FileOf(int64_t run) const;
  // Whether the files of these are there: std::runtime_error with the name of
  // one that is missing or short.
  void CheckThere(std::span<const IdRun> runs) const;
  // One that cannot be deleted is left, here and below.
  void DeleteOthers(std::span<const IdRun> runs) const;
  void Create() const;
  void Delete(int64_t run) const;

 private:
  const std::filesystem::path directory_;
};

// So many ids stand on a page, after its head of the size of one.
inline constexpr size_t kPageIds = 1023;
using IdPage = std::array<IdHash, 1 + kPageIds>;

// The ids of a run, in order. A page that is not there or does not decode is
// std::runtime_error with the file's name and its number.
class IdRunReader {
 public:
  IdRunReader(const IdRunDirectory& directory, const IdRun& run);
  // Nothing at the end; what it gives lives until the next call.
  std::span<const IdHash> NextPage();

 private:
  void Fill();

  const File file_;
  const size_t pages_;
  size_t next_ = 0;
  std::vector<IdPage> read_;
};

// Looks for ids in runs. Not thread-safe.
class IdRunSearch {
 public:
  explicit IdRunSearch(const IdRunDirectory& directory);
  // Takes those that the run holds out of `ids`, which are in order.
  std::vector<IdHash> TakeFrom(const IdRun& run, std::vector<IdHash>* ids);
  // The run's file is read no more.
  void Close(int64_t run);

 private:
  std::span<const IdHash> Page(int64_t run, int64_t number);

  const IdRunDirectory& directory_;
  std::map<int64_t, File> files_;  // by run
  IdPage page_;
  std::optional<std::pair<int64_t, int64_t>> at_;  // run and number of the page
};

// Writes one run. What is not finished is deleted.
class IdRunWriter {
 public:
  IdRunWriter(const IdRunDirectory& directory, int64_t number);
  ~IdRunWriter();
  // REQUIRES: in order.
  void Add(const IdHash& id);
  // Durable when it returns. The run is complete but for its batches and level,
  // and nobody knows of it until it is put into id_runs.
  IdRun Finish();

 private:
  void EndPage();
  void WritePages();

  const IdRunDirectory& directory_;
  std::optional<File> file_;  // until it is finished
  IdRun run_;
  std::vector<IdPage> pages_;  // not yet written but for the last
  size_t on_page_ = 0;         // ids on the last
};

}  // namespace rekindle

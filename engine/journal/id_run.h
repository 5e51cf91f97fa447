// Message ids on disk, exactly: runs, each with its ids in order.
//
//   journal.db-ids/17   the ids of run 17: pages of 16 KiB, each a checksum,
//                       how many ids there are, and the ids
//   id_runs             in journal.db: which runs there are; the batches whose
//                       ids they are; the upper half of each page's first id
//
// A run is written once, merged into larger ones, and deleted when its batches
// are gone. Runs have files of their own because whatever goes into the
// database is written twice, by way of its log, where each commit waits its
// turn. A process killed while writing a run leaves a file that no row of
// id_runs names.
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

// All runs by number, that is in the order of their batches.
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
  // Throws std::runtime_error with the name of a file of these runs that is
  // missing or short.
  void CheckThere(std::span<const IdRun> runs) const;
  // Deletes the files of all other runs. A file that cannot be deleted is left,
  // here and below.
  void DeleteOthers(std::span<const IdRun> runs) const;
  void Create() const;
  void Delete(int64_t run) const;

 private:
  const std::filesystem::path directory_;
};

// Ids on a page, after its head, which has the size of one.
inline constexpr size_t kPageIds = 1023;
using IdPage = std::array<IdHash, 1 + kPageIds>;

// Reads the ids of a run, in order. Throws std::runtime_error with the file's
// name and the page's number for a page that is missing or damaged.
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
  // Closes the run's file, which is read no more.
  void Close(int64_t run);

 private:
  std::span<const IdHash> Page(int64_t run, int64_t number);

  const IdRunDirectory& directory_;
  std::map<int64_t, File> files_;  // by run
  IdPage page_;
  std::optional<std::pair<int64_t, int64_t>> at_;  // run and number of the page
};

// Writes one run. Without Finish its file is deleted.
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

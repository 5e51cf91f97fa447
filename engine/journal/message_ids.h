// Which message ids the journal holds, exactly.
//
//   recent ids   in a set in memory; on disk beside the batches they came with
//   older ids    on disk in sorted runs (id_run.h), flushed from the recent by
//                the million (the first of a process earlier), behind a filter
//                of two bytes an id in memory
//
// A random unique index would cost seven times the append, a set of all ids in
// memory 17 bytes an id. Here nearly every new id is told by the filter, and
// one that was there before costs a look at one page. Once an eighth of a
// million came, the recent ones take two tables of 32 MB, so that none grows
// while appends wait. A flush runs beside appends, on a thread of its own,
// which rests between its steps: the longer, the further away the next flush
// is.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "engine/journal/id_filter.h"
#include "engine/journal/id_run.h"
#include "engine/journal/id_set.h"
#include "engine/journal/journal_writer.h"
#include "engine/journal/pacer.h"

namespace rekindle {

// One thread appends and calls all of these; flushing is inside.
class MessageIds {
 public:
  // How many ids are recent at most before they are flushed.
  static constexpr size_t kRecentIds = 1'000'000;

  MessageIds(const std::filesystem::path& file, JournalWriter& writer,
             size_t recent_ids = kRecentIds);
  // Waits for the flush under way.
  ~MessageIds();

  // Begins to read the recent ids on a thread of its own.
  void ReadAhead();
  // Which of them are new, in order: one that stands there twice is new once.
  // The new ones count as uncommitted; all 0 is none, and always new. The first
  // call waits until the recent ids are read, one that may know one of very
  // many until they can be told apart.
  std::vector<bool> Remember(std::span<const IdHash> ids);
  // What was remembered is on disk, with batches up to this one, the newest;
  // begins to flush where the recent ids have become many. Does not fail.
  void Commit(JournalPosition batch);
  void ForgetUncommitted();

  // Those that are still recent are remembered no more.
  void Remove(std::span<const IdHash> ids);
  // Begins to flush what stands beside the batches up to the newest, unless a
  // flush is under way. REQUIRES: nothing is uncommitted.
  void Flush(JournalPosition newest);
  // Drops the runs none of whose batches is left. `covers` says whether one of
  // the batches from the first to the second position is.
  template <class Covers>
  void DropRuns(Covers&& covers) {
    Wait();
    for (const IdRun& run : runs()) {
      if (!covers(run.first_batch, run.last_batch)) Drop(run);
    }
  }
  void Wait();

  // All below also beside the appending thread.
  struct Stats {
    int64_t recent = 0;
    int64_t in_runs = 0;
    int64_t runs = 0;
    int64_t run_bytes = 0;  // on disk
    int64_t filter_bytes = 0;
  };
  Stats stats() const;
  std::vector<IdRun> runs() const;
  const IdRunDirectory& run_directory() const { return run_directory_; }

 private:
  // A start that finds an eighth of those that may be recent flushes them.
  static constexpr size_t kMany = 8;
  // Between the steps of what is waited for.
  static constexpr auto kNoRest = [] {};

  struct Recent {
    IdSet::List ids;
    std::unique_ptr<IdFilter> filter;  // over them, where they are many
    JournalPosition newest = 0;        // batch that one of them came with
  };
  // As they are on disk.
  Recent ReadRecent();
  // REQUIRES: mutex_ is free.
  void Load();
  std::vector<IdHash> IdsInRuns(std::span<const IdHash> ids);
  // REQUIRES: mutex_ is held, nothing is uncommitted, and the flusher has
  // nothing to do.
  void BeginFlush(JournalPosition newest);
  // REQUIRES: mutex_ is held, and the flusher has nothing to do.
  template <class Work>
  void BeginOnFlusher(Work work) {
    if (flusher_.joinable()) flusher_.join();  // it has ended
    flusher_ = std::thread(std::move(work));
    flusher_is_busy_ = true;
  }

  // On the flusher's thread. Many ids that a start found: into flushing_, where
  // they can be told apart.
  void InsertPending(IdSet::List ids);
  // For ids to come: in the table of the recent ones, and in the one after it.
  void MakeRoom();
  void PrepareNext();
  // Makes the filter, and ends what a killed flush began.
  void TidyUp();
  void FlushOrKeep(JournalPosition newest);
  // Between two steps. REQUIRES: mutex_ is free.
  void Rest();
  void FlushNow(JournalPosition newest);
  // Those that became part of the run, with the ids in flushing_.
  std::vector<IdRun> WriteRun(std::span<const IdHash> ids,
                              JournalPosition newest, IdRun* run);
  void DropBesideBatches(JournalPosition newest);
  void Publish(std::span<const IdHash> ids, const IdRun& run,
               std::span<const IdRun> merged);

  std::unique_ptr<IdFilter> FilterOf(std::span<const IdRun> runs,
                                     const std::function<void()>& step);
  // nullptr where they cannot all be read: then ids are looked for on disk.
  std::unique_ptr<IdFilter> TryFilterOf(std::span<const IdRun> runs,
                                        const std::function<void()>& step);
  void Drop(const IdRun& run);

  const std::filesystem::path file_;
  const IdRunDirectory run_directory_;
  JournalWriter& writer_;
  const size_t recent_ids_;
  std::future<Recent> reading_;
  bool loaded_ = false;

  mutable std::mutex mutex_;  // guards the rest, but for the flusher's
  std::vector<IdRun> runs_;
  IdRunSearch search_;
  int64_t next_run_ = 1;              // never one that was tried before
  std::unique_ptr<IdFilter> filter_;  // over the runs, once it is made
  size_t last_found_ = 0;             // in runs_: repeats come together
  IdSet recent_, flushing_;
  // Over the ids that a start found, until they are in flushing_.
  std::unique_ptr<IdFilter> pending_;
  std::condition_variable none_pending_;
  std::vector<IdHash> uncommitted_;
  bool flusher_is_busy_ = false;  // flushes, or has other work
  size_t flush_from_ = 0;         // so many ids: not before, as it failed

  std::thread flusher_;
  Pacer pacer_;                        // of the flusher
  std::atomic<bool> awaited_ = false;  // the flusher is
};

}  // namespace rekindle

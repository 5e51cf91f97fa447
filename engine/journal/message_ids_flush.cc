// A flush: the recent ids become a run on disk, and runs are merged into larger
// ones.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/journal/id_merge.h"
#include "engine/journal/message_ids.h"

namespace rekindle {
namespace {

constexpr size_t kAddedAtOnce = 8192;

}  // namespace

void MessageIds::BeginFlush(JournalPosition newest) {
  std::swap(flushing_, recent_);
  try {
    BeginOnFlusher([this, newest] {
      pacer_ = Pacer();
      FlushOrKeep(newest);
    });
  } catch (...) {
    std::swap(flushing_, recent_);
    throw;
  }
}

void MessageIds::PrepareNext() {
  IdSet next;
  next.Reserve(recent_ids_);
  std::lock_guard lock(mutex_);
  std::swap(flushing_, next);
  flusher_is_busy_ = false;
}

// Flushes what is in flushing_; where that fails it is recent once more.
void MessageIds::FlushOrKeep(JournalPosition newest) {
  size_t flush_from = 0;
  try {
    FlushNow(newest);
  } catch (const std::exception& e) {
    spdlog::warn("message ids stay in memory for now: {}", e.what());
    std::lock_guard lock(mutex_);
    for (const IdHash& id : flushing_.ToList(kNoRest)) recent_.Insert(id);
    flush_from = recent_.size() + recent_ids_ / kMany;
  }
  IdSet flushed;
  {
    std::lock_guard lock(mutex_);
    std::swap(flushing_, flushed);
  }
  flushed.Clear();  // megabytes: nobody waits for it
  flushed.Reserve(recent_ids_);
  std::lock_guard lock(mutex_);
  std::swap(flushing_, flushed);  // its room is used again
  flush_from_ = flush_from;
  flusher_is_busy_ = false;
}

// The less room is left before the next flush, the shorter.
void MessageIds::Rest() {
  double left = 0;
  if (!awaited_) {
    std::lock_guard lock(mutex_);
    left = 1 - static_cast<double>(recent_.size()) /
                   static_cast<double>(recent_ids_);
  }
  pacer_.Rest(std::max(left, 0.0));
}

void MessageIds::Wait() {
  awaited_ = true;
  if (flusher_.joinable()) flusher_.join();
  awaited_ = false;
}

void MessageIds::Flush(JournalPosition newest) {
  if (!loaded_) {
    Load();
    Wait();  // until it is tidy
  }
  std::lock_guard lock(mutex_);
  if (!recent_.empty() && !flusher_is_busy_) BeginFlush(newest);
}

// On the flusher's thread: the appending one goes on meanwhile, and leaves
// flushing_ and runs_ alone.
void MessageIds::FlushNow(JournalPosition newest) {
  // One that failed may have left its file.
  run_directory_.DeleteOthers(runs_);
  const IdSet::List ids = flushing_.ToList([this] { Rest(); });
  IdRun run;
  const std::vector<IdRun> merged = WriteRun(ids, newest, &run);
  // From here on the ids stand in the run, and need not beside their batches.
  const auto name = [&](SQLite::Database& db) {
    InsertIdRun(db, run);
    for (const IdRun& old : merged) DeleteIdRun(db, old.number);
  };
  if (merged.empty()) {
    writer_.WriteLater(name);
  } else {
    writer_.Write(name);  // their files are deleted
  }
  Publish(ids, run, merged);
  for (const IdRun& old : merged) run_directory_.Delete(old.number);
  DropBesideBatches(newest);
}

std::vector<IdRun> MessageIds::WriteRun(std::span<const IdHash> ids,
                                        JournalPosition newest, IdRun* run) {
  auto [merged, level] = RunsToMerge(runs_, static_cast<int64_t>(ids.size()));
  const auto step = [this] { Rest(); };
  try {
    *run = WriteMerged(run_directory_, next_run_++, ids, merged, step);
  } catch (const std::exception& e) {
    if (merged.empty()) throw;
    // The ids can do without.
    spdlog::warn("runs of message ids are not merged for now: {}", e.what());
    merged.clear();
    level = 0;
    *run = WriteMerged(run_directory_, next_run_++, ids, merged, step);
  }
  run->level = level;
  run->last_batch = newest;
  run->first_batch = runs_.empty() ? 1 : runs_.back().last_batch + 1;
  for (const IdRun& old : merged) {
    run->first_batch = std::min(run->first_batch, old.first_batch);
  }
  return merged;
}

// The ids beside the batches up to `newest`, which stand in a run by now. In
// small steps, as appends wait.
void MessageIds::DropBesideBatches(JournalPosition newest) {
  try {
    for (int dropped = 1; dropped > 0;) {
      writer_.WriteLater([&](SQLite::Database& db) {
        SQLite::Statement drop(
            db,
            "DELETE FROM batch_ids WHERE number IN (SELECT number FROM "
            "batch_ids WHERE number <= ? LIMIT 16)");
        drop.bind(1, newest);
        dropped = drop.exec();
      });
      Rest();
    }
  } catch (const std::exception& e) {
    // They stand twice until the next flush or start.
    spdlog::warn("flushed message ids stay beside their batches for now: {}",
                 e.what());
  }
}

// The run stands in the journal by now, so this must not fail.
void MessageIds::Publish(std::span<const IdHash> ids, const IdRun& run,
                         std::span<const IdRun> merged) {
  std::vector<IdRun> runs(runs_.begin(),
                          runs_.end() - static_cast<ptrdiff_t>(merged.size()));
  runs.push_back(run);
  size_t in_runs = 0;
  for (const IdRun& r : runs) in_runs += static_cast<size_t>(r.ids);
  const bool grown = !filter_ || in_runs > filter_->capacity();
  std::unique_ptr<IdFilter> larger;
  if (grown) larger = TryFilterOf(runs, [this] { Rest(); });
  // In small steps, as appends wait; the ids are in flushing_ until the end.
  for (size_t i = 0; i < ids.size() && !grown; i += kAddedAtOnce) {
    Rest();
    std::lock_guard lock(mutex_);
    for (size_t j = i; j < std::min(i + kAddedAtOnce, ids.size()); ++j) {
      filter_->Add(ids[j]);
    }
  }
  std::lock_guard lock(mutex_);
  if (grown) filter_ = std::move(larger);
  runs_ = std::move(runs);
  for (const IdRun& old : merged) search_.Close(old.number);
  last_found_ = 0;
}

void MessageIds::Drop(const IdRun& run) {
  {
    std::lock_guard lock(mutex_);
    std::erase_if(runs_,
                  [&](const IdRun& r) { return r.number == run.number; });
    search_.Close(run.number);
    last_found_ = 0;
  }
  writer_.Write([&](SQLite::Database& db) { DeleteIdRun(db, run.number); });
  run_directory_.Delete(run.number);
}

}  // namespace rekindle

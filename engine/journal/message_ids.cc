#include "engine/journal/message_ids.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/journal/batch.h"
#include "engine/journal/id_merge.h"
#include "engine/store/database.h"
#include "engine/store/statements.h"

namespace rekindle {
namespace {

// A start that finds an eighth of those that may be recent folds them.
constexpr size_t kMany = 8;
constexpr size_t kLeastCapacity = 1 << 16;
constexpr size_t kFoldedAtOnce = 8192;
constexpr size_t kAhead = 16;  // so long a place takes to arrive from memory

// Between the steps of what is waited for.
constexpr auto kNoRest = [] {};

}  // namespace

MessageIds::MessageIds(const std::filesystem::path& file, JournalWriter& writer,
                       size_t recent_ids)
    : file_(file),
      run_folder_(file),
      writer_(writer),
      recent_ids_(recent_ids),
      search_(run_folder_) {
  runs_ = writer_.Use(LoadIdRuns);
  if (!runs_.empty()) next_run_ = runs_.back().number + 1;
  run_folder_.KeepOnly(runs_);
}

MessageIds::~MessageIds() {
  if (reading_.valid()) reading_.wait();
  Wait();
}

void MessageIds::ReadAhead() {
  reading_ = std::async(std::launch::async, [this] { return ReadRecent(); });
}

MessageIds::Recent MessageIds::ReadRecent() {
  // Those of a folding that was cut short stand in its run, too.
  const std::string beside =
      " FROM batch_ids WHERE number > " +
      std::to_string(runs_.empty() ? 0 : runs_.back().last_batch);
  SQLite::Database db(file_.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs);
  Recent recent;
  // A sealed blob is a little longer than its ids.
  recent.ids.reserve(
      static_cast<size_t>(
          db.execAndGet("SELECT TOTAL(LENGTH(ids))" + beside).getDouble()) /
      sizeof(IdHash));
  SQLite::Statement rows(db,
                         "SELECT number, ids" + beside + " ORDER BY number");
  while (rows.executeStep()) {
    recent.newest = rows.getColumn(0).getInt64();
    const auto ids = UnpackIds(BlobOf(rows.getColumn(1)));
    if (!ids) {
      throw std::runtime_error(file_.string() +
                               ": the message ids of journal batch " +
                               std::to_string(recent.newest) + " are damaged");
    }
    recent.ids.insert(recent.ids.end(), ids->begin(), ids->end());
  }
  if (recent.ids.size() < recent_ids_ / kMany) return recent;
  recent.filter = std::make_unique<IdFilter>(recent.ids.size());
  for (const IdHash& id : recent.ids) recent.filter->Add(id);
  return recent;
}

// What is much is folded, so that the next start need not read it again.
void MessageIds::Load() {
  if (loaded_) return;
  if (!reading_.valid()) ReadAhead();
  Recent recent = reading_.get();
  const bool many = recent.filter != nullptr;
  {
    std::lock_guard lock(mutex_);
    if (many) {
      unsettled_ = std::move(recent.filter);
    } else {
      recent_.InsertAll(recent.ids);
    }
    if (runs_.empty()) filter_ = FilterOf(runs_, kNoRest);
    is_folding_ = true;  // nothing else is folded meanwhile
  }
  loaded_ = true;
  folder_ = std::thread([this, many, recent = std::move(recent)]() mutable {
    if (many) {
      Settle(std::move(recent.ids));
    } else if (!runs_.empty()) {
      MakeRoom();  // where many came before, many will come
    }
    TidyUp();
    if (many) return FoldOff(recent.newest);
    std::lock_guard lock(mutex_);
    is_folding_ = false;
  });
}

void MessageIds::Settle(IdSet::List ids) {
  IdSet settled;
  settled.InsertAll(ids);
  {
    std::lock_guard lock(mutex_);
    std::swap(folding_, settled);
    unsettled_.reset();
  }
  settled_.notify_all();
  MakeRoom();
}

// A table that grows by itself keeps appends waiting.
void MessageIds::MakeRoom() {
  IdSet room;
  room.Reserve(recent_ids_);
  std::lock_guard lock(mutex_);
  room.InsertAll(recent_.ToList(kNoRest));
  std::swap(recent_, room);
}

// The filter of very many ids takes seconds; until it is there, each id is
// looked for on disk.
void MessageIds::TidyUp() {
  std::unique_ptr<IdFilter> filter;
  try {
    if (!filter_) filter = FilterOf(runs_, kNoRest);
  } catch (const std::exception& e) {
    spdlog::warn("message ids are looked for on disk for now: {}", e.what());
  }
  if (filter) {
    std::lock_guard lock(mutex_);
    filter_ = std::move(filter);
  }
  pacer_ = Pacer();
  if (!runs_.empty()) DropBesideBatches(runs_.back().last_batch);
}

std::unique_ptr<IdFilter> MessageIds::FilterOf(
    std::span<const IdRun> runs, const std::function<void()>& step) {
  size_t capacity = 0;
  for (const IdRun& run : runs) capacity += static_cast<size_t>(run.ids);
  // With room for some foldings to come: each time it is outgrown, all ids are
  // read again.
  const size_t room = std::min(recent_ids_, capacity) + capacity / 4;
  auto filter =
      std::make_unique<IdFilter>(std::max(kLeastCapacity, capacity + room));
  for (const IdRun& run : runs) {
    IdRunReader reader(run_folder_, run);
    for (auto ids = reader.NextPage(); !ids.empty(); ids = reader.NextPage()) {
      for (const IdHash& id : ids) filter->Add(id);
      step();
    }
  }
  return filter;
}

std::vector<bool> MessageIds::Remember(std::span<const IdHash> ids) {
  Load();
  std::unique_lock lock(mutex_);
  const auto is_unsettled = [this](const IdHash& id) {
    return unsettled_->MayContain(id);
  };
  if (unsettled_ && std::any_of(ids.begin(), ids.end(), is_unsettled)) {
    settled_.wait(lock, [this] { return !unsettled_; });
  }
  const std::vector<IdHash> folded = FoldedOf(ids);
  const auto is_known = [&](const IdHash& id) {
    return (!folding_.empty() && folding_.Contains(id)) ||
           (!folded.empty() &&
            std::binary_search(folded.begin(), folded.end(), id));
  };
  std::vector<bool> is_new(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i + kAhead < ids.size()) {
      recent_.Prefetch(ids[i + kAhead]);
      if (!folding_.empty()) folding_.Prefetch(ids[i + kAhead]);
    }
    const IdHash& id = ids[i];
    const bool none = IsNone(id);
    is_new[i] = none || (!is_known(id) && recent_.Insert(id));
    if (is_new[i] && !none) uncommitted_.push_back(id);
  }
  return is_new;
}

// Those that stand on disk, in their order. Nearly all of those that the filter
// knows do.
std::vector<IdHash> MessageIds::FoldedOf(std::span<const IdHash> ids) {
  std::vector<IdHash> perhaps;
  for (size_t i = 0; i < ids.size() && !runs_.empty(); ++i) {
    if (filter_ && i + kAhead < ids.size()) filter_->Prefetch(ids[i + kAhead]);
    if (!filter_ || filter_->MayContain(ids[i])) perhaps.push_back(ids[i]);
  }
  std::vector<IdHash> folded;
  if (perhaps.empty()) return folded;
  // In order, so that a page is read once for all that may stand in it.
  std::sort(perhaps.begin(), perhaps.end());
  const auto look_in = [&](size_t run) {
    const std::vector<IdHash> found = search_.TakeFrom(runs_[run], &perhaps);
    folded.insert(folded.end(), found.begin(), found.end());
    if (!found.empty()) last_found_ = run;
  };
  const size_t first = last_found_;
  if (first < runs_.size()) look_in(first);
  for (size_t i = runs_.size(); i-- > 0 && !perhaps.empty();) {
    if (i != first) look_in(i);
  }
  std::sort(folded.begin(), folded.end());
  return folded;
}

void MessageIds::Commit(JournalPosition batch) {
  std::lock_guard lock(mutex_);
  uncommitted_.clear();
  if (is_folding_) return;
  // What was begun small is folded early, once the table for those that follow
  // has its room: growing by itself it would keep appends waiting.
  const bool cramped =
      recent_.size() >= recent_ids_ / kMany && !recent_.HasRoomFor(recent_ids_);
  const bool follows_room = folding_.HasRoomFor(recent_ids_);
  if (recent_.size() >= recent_ids_ || (cramped && follows_room)) {
    BeginFold(batch);
  } else if (cramped) {
    BeginOnFolder([this] { PrepareNext(); });
  }
}

void MessageIds::ForgetUncommitted() {
  std::lock_guard lock(mutex_);
  for (const IdHash& id : uncommitted_) recent_.Erase(id);
  uncommitted_.clear();
}

void MessageIds::Remove(std::span<const IdHash> ids) {
  if (reading_.valid()) Load();  // it may have read them
  Wait();
  std::lock_guard lock(mutex_);
  for (const IdHash& id : ids) recent_.Erase(id);
}

// REQUIRES: mutex_ is held, nothing is uncommitted, and no folding is under
// way.
void MessageIds::BeginFold(JournalPosition newest) {
  std::swap(folding_, recent_);
  BeginOnFolder([this, newest] {
    pacer_ = Pacer();
    FoldOff(newest);
  });
}

void MessageIds::BeginOnFolder(std::function<void()> work) {
  if (folder_.joinable()) folder_.join();  // it has ended: see is_folding_
  is_folding_ = true;
  folder_ = std::thread(std::move(work));
}

void MessageIds::PrepareNext() {
  IdSet next;
  next.Reserve(recent_ids_);
  std::lock_guard lock(mutex_);
  std::swap(folding_, next);
  is_folding_ = false;
}

// Folds what is in folding_; where that fails it is recent once more.
void MessageIds::FoldOff(JournalPosition newest) {
  try {
    FoldNow(newest);
  } catch (const std::exception& e) {
    spdlog::warn("message ids stay in memory for now: {}", e.what());
    std::lock_guard lock(mutex_);
    for (const IdHash& id : folding_.ToList(kNoRest)) recent_.Insert(id);
  }
  IdSet folded;
  {
    std::lock_guard lock(mutex_);
    std::swap(folding_, folded);
  }
  folded.Clear();  // megabytes: nobody waits for it
  folded.Reserve(recent_ids_);
  std::lock_guard lock(mutex_);
  std::swap(folding_, folded);  // its room is used again
  is_folding_ = false;
}

// The less room is left before the next folding, the shorter.
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
  if (folder_.joinable()) folder_.join();
  awaited_ = false;
}

void MessageIds::Fold(JournalPosition newest) {
  if (!loaded_) {
    Load();
    Wait();  // until it is tidy
  }
  std::lock_guard lock(mutex_);
  if (!recent_.empty() && !is_folding_) BeginFold(newest);
}

// On the folder's thread: the appending one goes on meanwhile, and leaves
// folding_ and runs_ alone.
void MessageIds::FoldNow(JournalPosition newest) {
  const IdSet::List ids = folding_.ToList([this] { Rest(); });
  const auto [merged, level] =
      RunsToMerge(runs_, static_cast<int64_t>(ids.size()));
  IdRun run =
      WriteMerged(run_folder_, next_run_++, ids, merged, [this] { Rest(); });
  run.level = level;
  run.last_batch = newest;
  run.first_batch = runs_.empty() ? 1 : runs_.back().last_batch + 1;
  for (const IdRun& old : merged) {
    run.first_batch = std::min(run.first_batch, old.first_batch);
  }
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
  for (const IdRun& old : merged) run_folder_.Delete(old.number);
  DropBesideBatches(newest);
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
    // They stand twice until the next folding or start.
    spdlog::warn("folded message ids stay beside their batches for now: {}",
                 e.what());
  }
}

void MessageIds::Publish(std::span<const IdHash> ids, const IdRun& run,
                         std::span<const IdRun> merged) {
  std::vector<IdRun> runs(runs_.begin(),
                          runs_.end() - static_cast<ptrdiff_t>(merged.size()));
  runs.push_back(run);
  size_t folded = 0;
  for (const IdRun& r : runs) folded += static_cast<size_t>(r.ids);
  const bool grown = !filter_ || folded > filter_->capacity();
  std::unique_ptr<IdFilter> larger;
  if (grown) larger = FilterOf(runs, [this] { Rest(); });
  // In small steps, as appends wait; the ids are in folding_ until the end.
  for (size_t i = 0; i < ids.size() && !grown; i += kFoldedAtOnce) {
    Rest();
    std::lock_guard lock(mutex_);
    for (size_t j = i; j < std::min(i + kFoldedAtOnce, ids.size()); ++j) {
      filter_->Add(ids[j]);
    }
  }
  std::lock_guard lock(mutex_);
  if (grown) filter_ = std::move(larger);
  runs_ = std::move(runs);
  for (const IdRun& old : merged) search_.Close(old.number);
  last_found_ = 0;
}

int64_t MessageIds::Drop(const IdRun& run) {
  {
    std::lock_guard lock(mutex_);
    std::erase_if(runs_,
                  [&](const IdRun& r) { return r.number == run.number; });
    search_.Close(run.number);
    last_found_ = 0;
  }
  writer_.Write([&](SQLite::Database& db) { DeleteIdRun(db, run.number); });
  run_folder_.Delete(run.number);
  return run.ids;
}

MessageIds::Stats MessageIds::stats() const {
  std::lock_guard lock(mutex_);
  Stats stats;
  stats.recent =
      static_cast<int64_t>(recent_.size() + folding_.size() +
                           (unsettled_ ? unsettled_->capacity() : 0));
  for (const IdRun& run : runs_) {
    stats.folded += run.ids;
    stats.run_bytes += run.bytes();
  }
  stats.runs = static_cast<int64_t>(runs_.size());
  stats.filter_bytes = filter_ ? static_cast<int64_t>(filter_->bytes()) : 0;
  return stats;
}

std::vector<IdRun> MessageIds::runs() const {
  std::lock_guard lock(mutex_);
  return runs_;
}

}  // namespace rekindle

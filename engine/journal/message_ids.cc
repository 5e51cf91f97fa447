#include "engine/journal/message_ids.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/journal/batch.h"
#include "engine/store/database.h"
#include "engine/store/statements.h"

namespace rekindle {
namespace {

constexpr size_t kLeastCapacity = 1 << 16;
constexpr size_t kAhead = 16;  // so long a place takes to arrive from memory

}  // namespace

MessageIds::MessageIds(const std::filesystem::path& file, JournalWriter& writer,
                       size_t recent_ids)
    : file_(file),
      run_directory_(file),
      writer_(writer),
      recent_ids_(recent_ids),
      search_(run_directory_) {
  runs_ = writer_.Use(LoadIdRuns);
  if (!runs_.empty()) next_run_ = runs_.back().number + 1;
  run_directory_.CheckThere(runs_);
  run_directory_.DeleteOthers(runs_);
}

MessageIds::~MessageIds() {
  if (reading_.valid()) reading_.wait();
  Wait();
}

void MessageIds::ReadAhead() {
  reading_ = std::async(std::launch::async, [this] { return ReadRecent(); });
}

MessageIds::Recent MessageIds::ReadRecent() {
  // Those of a flush that was cut short stand in its run, too.
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

// What is much is flushed, so that the next start need not read it again.
void MessageIds::Load() {
  if (loaded_) return;
  if (!reading_.valid()) ReadAhead();
  Recent recent = reading_.get();
  const bool many = recent.filter != nullptr;
  std::lock_guard lock(mutex_);
  if (many) {
    pending_ = std::move(recent.filter);
  } else {
    recent_.InsertAll(recent.ids);
  }
  if (runs_.empty()) filter_ = FilterOf(runs_, kNoRest);
  BeginOnFlusher([this, many, recent = std::move(recent)]() mutable {
    if (many) {
      InsertPending(std::move(recent.ids));
    } else if (!runs_.empty()) {
      MakeRoom();  // where many came before, many will come
    }
    TidyUp();
    if (many) return FlushOrKeep(recent.newest);
    std::lock_guard done(mutex_);
    flusher_is_busy_ = false;
  });
  loaded_ = true;
}

void MessageIds::InsertPending(IdSet::List ids) {
  IdSet inserted;
  inserted.InsertAll(ids);
  {
    std::lock_guard lock(mutex_);
    std::swap(flushing_, inserted);
    pending_.reset();
  }
  none_pending_.notify_all();
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
  if (!filter_) {
    auto filter = TryFilterOf(runs_, kNoRest);
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
  // With room for some flushes to come: each time it is outgrown, all ids are
  // read again.
  const size_t room = std::min(recent_ids_, capacity) + capacity / 4;
  auto filter =
      std::make_unique<IdFilter>(std::max(kLeastCapacity, capacity + room));
  for (const IdRun& run : runs) {
    IdRunReader reader(run_directory_, run);
    for (auto ids = reader.NextPage(); !ids.empty(); ids = reader.NextPage()) {
      for (const IdHash& id : ids) filter->Add(id);
      step();
    }
  }
  return filter;
}

std::unique_ptr<IdFilter> MessageIds::TryFilterOf(
    std::span<const IdRun> runs, const std::function<void()>& step) {
  try {
    return FilterOf(runs, step);
  } catch (const std::exception& e) {
    spdlog::warn("message ids are looked for on disk for now: {}", e.what());
    return nullptr;
  }
}

std::vector<bool> MessageIds::Remember(std::span<const IdHash> ids) {
  Load();
  std::unique_lock lock(mutex_);
  const auto is_pending = [this](const IdHash& id) {
    return pending_->MayContain(id);
  };
  if (pending_ && std::any_of(ids.begin(), ids.end(), is_pending)) {
    none_pending_.wait(lock, [this] { return !pending_; });
  }
  const std::vector<IdHash> in_runs = IdsInRuns(ids);
  const auto is_known = [&](const IdHash& id) {
    return (!flushing_.empty() && flushing_.Contains(id)) ||
           (!in_runs.empty() &&
            std::binary_search(in_runs.begin(), in_runs.end(), id));
  };
  std::vector<bool> is_new(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i + kAhead < ids.size()) {
      recent_.Prefetch(ids[i + kAhead]);
      if (!flushing_.empty()) flushing_.Prefetch(ids[i + kAhead]);
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
std::vector<IdHash> MessageIds::IdsInRuns(std::span<const IdHash> ids) {
  std::vector<IdHash> perhaps;
  for (size_t i = 0; i < ids.size() && !runs_.empty(); ++i) {
    if (filter_ && i + kAhead < ids.size()) filter_->Prefetch(ids[i + kAhead]);
    if (!filter_ || filter_->MayContain(ids[i])) perhaps.push_back(ids[i]);
  }
  std::vector<IdHash> in_runs;
  if (perhaps.empty()) return in_runs;
  // In order, so that a page is read once for all that may stand in it.
  std::sort(perhaps.begin(), perhaps.end());
  const auto look_in = [&](size_t run) {
    const std::vector<IdHash> found = search_.TakeFrom(runs_[run], &perhaps);
    in_runs.insert(in_runs.end(), found.begin(), found.end());
    if (!found.empty()) last_found_ = run;
  };
  const size_t first = last_found_;
  if (first < runs_.size()) look_in(first);
  for (size_t i = runs_.size(); i-- > 0 && !perhaps.empty();) {
    if (i != first) look_in(i);
  }
  std::sort(in_runs.begin(), in_runs.end());
  return in_runs;
}

void MessageIds::Commit(JournalPosition batch) {
  std::lock_guard lock(mutex_);
  uncommitted_.clear();
  if (flusher_is_busy_ || recent_.size() < flush_from_) return;
  // What was begun small is flushed early, once the table for those that follow
  // has its room: growing by itself it would keep appends waiting.
  const bool cramped =
      recent_.size() >= recent_ids_ / kMany && !recent_.HasRoomFor(recent_ids_);
  const bool follows_room = flushing_.HasRoomFor(recent_ids_);
  try {
    if (recent_.size() >= recent_ids_ || (cramped && follows_room)) {
      BeginFlush(batch);
    } else if (cramped) {
      BeginOnFlusher([this] { PrepareNext(); });
    }
  } catch (const std::exception& e) {
    // No thread to be had. The ids are on disk, and well in memory.
    spdlog::warn("message ids stay in memory for now: {}", e.what());
    flush_from_ = recent_.size() + recent_ids_ / kMany;
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

MessageIds::Stats MessageIds::stats() const {
  std::lock_guard lock(mutex_);
  Stats stats;
  stats.recent = static_cast<int64_t>(recent_.size() + flushing_.size() +
                                      (pending_ ? pending_->capacity() : 0));
  for (const IdRun& run : runs_) {
    stats.in_runs += run.ids;
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

#include "engine/journal/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "engine/journal/found_by_place.h"
#include "engine/journal/journal_impl.h"

namespace rekindle {
namespace {

// Of one batch: enough to compress well, and few enough to be unpacked at once.
constexpr size_t kMostRecords = 16'384;
// Packed sooner than another thread is awake.
constexpr size_t kFewRecords = 512;

const auto OneByOne = [](size_t count, const auto& f) {
  for (size_t i = 0; i < count; ++i) f(i);
};

}  // namespace

Journal::Impl::Impl(const std::filesystem::path& file, size_t recent_ids)
    : writer(file), readers(file), ids(file, writer, recent_ids) {
  writer.Use([&](SQLite::Database& db) {
    names.Load(db);
    end = db.execAndGet("SELECT coalesce(max(number), 0) FROM batches")
              .getInt64();
  });
  ReadStats();
}

void Journal::Impl::ReadStats() {
  Stats read;
  writer.Use([&](SQLite::Database& db) {
    SQLite::Statement rows(db,
                           "SELECT count(*), coalesce(sum(events), 0), "
                           "min(first_at), max(last_at) FROM batches");
    rows.executeStep();
    read.batches = rows.getColumn(0).getInt64();
    read.events = rows.getColumn(1).getInt64();
    if (!rows.getColumn(2).isNull()) {
      read.first = FromMillis(rows.getColumn(2).getInt64());
      read.last = FromMillis(rows.getColumn(3).getInt64());
    }
    SQLite::Statement pruned(db, "SELECT max(last_at) FROM pruned");
    if (pruned.executeStep() && !pruned.getColumn(0).isNull()) {
      read.pruned_until = FromMillis(pruned.getColumn(0).getInt64());
    }
  });
  std::lock_guard lock(mutex);
  stats = read;
}

Batch Journal::Impl::ToBatch(std::span<const JournalEvent> events) {
  Batch batch;
  batch.Reserve(events.size());
  FoundByPlace<uint32_t, 64> numbers;
  const auto number_of = [this](std::string_view name) {
    return names.NumberOf(name);
  };
  for (const JournalEvent& event : events) {
    batch.users.push_back(event.user);
    batch.names.push_back(
        event.name.empty() ? 0 : numbers.Get(event.name, number_of));
    batch.at.push_back(ToMillis(event.when.at));
    batch.days.push_back(event.when.by_day ? ToNumber(event.when.day)
                                           : kExactTime);
    batch.properties.push_back(event.properties);
    batch.ids.push_back(event.id);
  }
  return batch;
}

void Journal::Impl::Insert(SQLite::Database& db, const PackedBatch& packed,
                           const Positions& positions) {
  statements.Run(
      db,
      "INSERT INTO batches (number, first, events, first_at, last_at, users, "
      "times, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      positions.last, positions.first, packed.events, packed.first_at,
      packed.last_at, BlobView{packed.users}, BlobView{packed.times},
      BlobView{packed.properties});
  if (packed.ids.empty()) return;
  statements.Run(db, "INSERT INTO batch_ids (number, ids) VALUES (?, ?)",
                 positions.last, BlobView{packed.ids});
}

void Journal::Impl::Delete(SQLite::Database& db, JournalPosition number) {
  for (const char* sql : {"DELETE FROM batches WHERE number = ?",
                          "DELETE FROM batch_ids WHERE number = ?"}) {
    SQLite::Statement remove(db, sql);
    remove.bind(1, number);
    remove.exec();
  }
}

Journal::Journal(const std::filesystem::path& file, size_t recent_ids)
    : impl_(std::make_unique<Impl>(file, recent_ids)) {}

Journal::Journal(const std::filesystem::path& file)
    : Journal(file, MessageIds::kRecentIds) {}

Journal::~Journal() = default;

void Journal::ReadIdsAhead() { impl_->ids.ReadAhead(); }

std::vector<bool> Journal::Remember(std::span<const IdHash> ids) {
  return impl_->ids.Remember(ids);
}

void Journal::ForgetUncommitted() { impl_->ids.ForgetUncommitted(); }

JournalPosition Journal::Append(std::span<const JournalEvent> events) {
  return impl_->Append(impl_->ToBatches(events), OneByOne);
}

JournalPosition Journal::Append(std::span<const JournalEvent> events,
                                Workers& workers) {
  const std::vector<Batch> batches = impl_->ToBatches(events);
  if (events.size() < kFewRecords) return impl_->Append(batches, OneByOne);
  const JournalPosition end = impl_->Append(
      batches, [&](size_t count, const auto& f) { workers.ForEach(count, f); });
  impl_->writer.BeginSync(end);
  return end;
}

std::vector<Batch> Journal::Impl::ToBatches(
    std::span<const JournalEvent> events) {
  std::vector<Batch> batches;
  const size_t count = (events.size() + kMostRecords - 1) / kMostRecords;
  while (!events.empty()) {
    // Of one size, so that they are packed in the same time.
    const size_t left = count - batches.size();
    const auto some = events.first((events.size() + left - 1) / left);
    batches.push_back(ToBatch(some));
    events = events.subspan(some.size());
  }
  return batches;
}

// `for_each(n, f)` calls f(0) .. f(n - 1).
template <class ForEach>
JournalPosition Journal::Impl::Append(const std::vector<Batch>& batches,
                                      ForEach&& for_each) {
  if (batches.empty()) {
    writer.Mend();  // all of them may be repeats of what is not durable
    return end;
  }
  Write(Pack(batches, for_each));
  return end;
}

template <class ForEach>
std::vector<PackedBatch> Journal::Impl::Pack(const std::vector<Batch>& batches,
                                             ForEach&& for_each) {
  std::vector<PackedBatch> packed(batches.size());
  for_each(2 * batches.size(), [&](size_t half) {
    const auto pack = half % 2 == 0 ? PackTexts : PackNumbers;
    pack(batches[half / 2], &packed[half / 2]);
  });
  return packed;
}

void Journal::Impl::Write(const std::vector<PackedBatch>& batches) {
  JournalPosition last = end;
  writer.WriteLater([&](SQLite::Database& db) {
    names.Save(db);
    for (const PackedBatch& batch : batches) {
      ++last;
      Insert(db, batch, {last, last});
    }
  });
  names.Saved();
  {
    std::lock_guard lock(mutex);
    end = last;
    for (const PackedBatch& batch : batches) Count(batch);
  }
  ids.Commit(last);
}

void Journal::Impl::Count(const PackedBatch& batch) {
  ++stats.batches;
  stats.events += batch.events;
  if (batch.events == 0) return;
  const Instant first = FromMillis(*batch.first_at);
  const Instant last = FromMillis(*batch.last_at);
  stats.first = std::min(stats.first.value_or(first), first);
  stats.last = std::max(stats.last.value_or(last), last);
}

void Journal::AwaitDurable(JournalPosition position) const {
  impl_->writer.AwaitSync(position);
}

void Journal::Mend() { impl_->writer.Mend(); }

JournalPosition Journal::end() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->end;
}

Journal::Stats Journal::stats() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->stats;
}

Journal::IdStats Journal::id_stats() const {
  const MessageIds::Stats s = impl_->ids.stats();
  return {s.recent, s.in_runs, s.runs, s.run_bytes, s.filter_bytes};
}

}  // namespace rekindle

// Keeping journal.db tidy: small batches merged into large ones, and every
// checksum verified.
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "engine/journal/batch_source.h"
#include "engine/journal/journal_impl.h"

namespace rekindle {
namespace {

// A little more than the largest batch of an import, which compresses well.
constexpr int64_t kFullBatch = 20'000;
// Those of a good size compress well enough as they are.
constexpr int64_t kSmallBatch = kFullBatch / 4;
// Fewer small ones at the end wait for more, so that no event is written anew
// each time.
constexpr size_t kFewBatches = 8;
constexpr int kVacuumPages = 256;

struct StoredBatch {
  JournalPosition first, number;
  int64_t events;
};

// Neighbours that are to become one batch; empty where there are none.
std::vector<StoredBatch> NextGroup(SQLite::Database& db, JournalPosition last) {
  SQLite::Statement rows(
      db,
      "SELECT first, number, events FROM batches WHERE number <= ? AND number "
      "< (SELECT coalesce(min(number), 9223372036854775807) FROM batch_ids) "
      "ORDER BY number");
  rows.bind(1, last);
  std::vector<StoredBatch> group;
  int64_t events = 0;
  while (rows.executeStep()) {
    const StoredBatch batch{rows.getColumn(0).getInt64(),
                            rows.getColumn(1).getInt64(),
                            rows.getColumn(2).getInt64()};
    if (batch.events >= kSmallBatch || events + batch.events > kFullBatch) {
      if (group.size() > 1) return group;
      group.clear();
      events = 0;
    }
    if (batch.events >= kSmallBatch) continue;
    group.push_back(batch);
    events += batch.events;
  }
  if (group.size() < kFewBatches) group.clear();
  return group;
}

// Gathers the events of several batches; their texts are kept here.
class Gathered {
 public:
  void Add(const BatchReader& batch) {
    for (size_t i = 0; i < batch.size(); ++i) {
      if (batch.names()[i] == 0) continue;  // its message id is in a run
      batch_.users.push_back(batch.users()[i]);
      batch_.names.push_back(batch.names()[i]);
      batch_.at.push_back(batch.at()[i]);
      batch_.days.push_back(batch.day(i));
      batch_.properties.push_back(texts_.emplace_back(batch.properties(i)));
      batch_.ids.emplace_back();
    }
  }
  const Batch& batch() const { return batch_; }

 private:
  Batch batch_;
  std::deque<std::string> texts_;
};

// Throws where a page is damaged, or is not where ids would look for it.
void ReadPages(const SQLite::Database& db, const IdRunDirectory& directory,
               const IdRun& run) {
  IdRunReader pages(directory, run);
  for (const uint64_t start : run.page_starts) {
    const auto ids = pages.NextPage();
    if (!ids.empty() && ids.front()[0] == start) continue;
    throw std::runtime_error(db.getFilename() + ": the list of pages of run " +
                             std::to_string(run.number) +
                             " of the message ids is damaged");
  }
}

}  // namespace

void Journal::FlushIds(Flushing flushing) {
  const bool wait = flushing == Flushing::kWait;
  if (wait) impl_->ids.Wait();  // one under way leaves newer ids out
  impl_->ids.Flush(end());
  if (wait) impl_->ids.Wait();
}

int64_t Journal::Compact(JournalPosition applied) {
  const int64_t merged = impl_->writer.Write([&](SQLite::Database& db) {
    const std::vector<StoredBatch> group = NextGroup(db, applied);
    if (group.empty()) return int64_t{0};
    BatchSource source(db, impl_->names);
    Gathered gathered;
    for (const StoredBatch& batch : group) {
      source.Open(batch.number);
      source.OpenTimes();
      source.OpenProperties();
      gathered.Add(source.batch());
      Impl::Delete(db, batch.number);
    }
    impl_->Insert(db, PackBatch(gathered.batch()),
                  {group.front().first, group.back().number});
    return static_cast<int64_t>(group.size());
  });
  std::lock_guard lock(impl_->mutex);
  if (merged > 0) impl_->stats.batches -= merged - 1;
  return merged;
}

void Journal::GiveBackSpace() {
  const auto free_pages = [](SQLite::Database& db) {
    return db.execAndGet("PRAGMA freelist_count").getInt64();
  };
  int64_t left = impl_->writer.Use(free_pages);
  if (left == 0) return;
  for (; left > 0; left -= kVacuumPages) {
    impl_->writer.Use([&](SQLite::Database& db) {
      db.exec("PRAGMA incremental_vacuum(" + std::to_string(kVacuumPages) +
              ")");
    });
  }
  // The file itself becomes smaller only now.
  impl_->writer.CheckpointLog();
}

std::vector<std::string> Journal::Check() const {
  std::vector<std::string> damages;
  const auto attempt = [&](auto&& read) {
    try {
      read();
    } catch (const std::exception& e) {
      damages.push_back(e.what());
    }
  };
  const JournalPosition last = end();
  auto reader = impl_->readers.Take();
  SQLite::Statement all(
      reader.db(),
      "SELECT number FROM batches WHERE number <= ? ORDER BY number");
  all.bind(1, last);
  BatchSource source(reader.db(), impl_->names);
  for (JournalPosition number : BatchSource::Numbers(all)) {
    attempt([&] {
      source.Open(number);
      source.OpenTimes();
      source.OpenProperties();
      source.Ids();
    });
  }
  const auto is_there = [&](int64_t number) {
    const std::vector<IdRun> runs = impl_->ids.runs();
    return std::any_of(runs.begin(), runs.end(),
                       [&](const IdRun& run) { return run.number == number; });
  };
  for (const IdRun& run : LoadIdRuns(reader.db())) {
    attempt([&] {
      try {
        ReadPages(reader.db(), impl_->ids.run_directory(), run);
      } catch (const std::exception&) {
        // It may have been merged meanwhile, and its file deleted.
        if (is_there(run.number)) throw;
      }
    });
  }
  return damages;
}

}  // namespace rekindle

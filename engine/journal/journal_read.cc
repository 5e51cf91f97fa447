#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <atomic>

#include "config/base/threads.h"
#include "engine/journal/batch_source.h"
#include "engine/journal/journal_impl.h"

namespace rekindle {
namespace {

Moment MomentOf(int64_t at, int32_t day) {
  // Only the day of an event dated by day is stored: the other's depends on
  // the time zone.
  const bool by_day = day != kExactTime;
  return {FromMillis(at), by_day ? DayFromNumber(day) : LocalDay(), by_day};
}

}  // namespace

void Journal::Read(JournalPosition after,
                   const std::function<void(const StoredEvent&)>& f) const {
  auto reader = impl_->readers.Take();
  SQLite::Statement query(
      reader.db(),
      "SELECT number FROM batches WHERE number > ? ORDER BY number");
  query.bind(1, after);
  BatchSource source(reader.db(), impl_->names);
  for (JournalPosition number : BatchSource::Numbers(query)) {
    source.ForEachEvent(number, f);
  }
}

void Journal::ReadBetween(
    Instant from, Instant to,
    const std::function<void(const StoredEvent&)>& f) const {
  auto reader = impl_->readers.Take();
  SQLite::Statement query(reader.db(),
                          "SELECT number FROM batches WHERE last_at >= ? AND "
                          "first_at <= ? ORDER BY number");
  SQLite::bind(query, ToMillis(from), ToMillis(to));
  BatchSource source(reader.db(), impl_->names);
  for (JournalPosition number : BatchSource::Numbers(query)) {
    source.ForEachEvent(number, [&](const StoredEvent& event) {
      if (from <= event.at && event.at <= to) f(event);
    });
  }
}

std::vector<Event> Journal::ReadUser(std::span<const UserNumber> numbers,
                                     size_t limit) const {
  const auto is_theirs = [&](UserNumber user) {
    return std::find(numbers.begin(), numbers.end(), user) != numbers.end();
  };
  const auto newer = [](const Event& a, const Event& b) {
    return a.when.at > b.when.at;
  };
  auto reader = impl_->readers.Take();
  BatchSource source(reader.db(), impl_->names);
  SQLite::Statement rows(reader.db(),
                         "SELECT number, last_at FROM batches WHERE "
                         "last_at IS NOT NULL ORDER BY last_at DESC");
  std::vector<Event> events;
  while (limit > 0 && rows.executeStep()) {
    // Once enough are found, batches that end before the oldest of them add
    // nothing.
    if (events.size() == limit &&
        rows.getColumn(1).getInt64() < ToMillis(events.back().when.at)) {
      break;
    }
    const JournalPosition number = rows.getColumn(0).getInt64();
    const auto users = source.Open(number).users();
    if (std::none_of(users.begin(), users.end(), is_theirs)) continue;
    source.ForEachEvent(number, [&](const StoredEvent& event) {
      if (!is_theirs(event.user)) return;
      events.push_back({event.user, std::string(event.name),
                        MomentOf(ToMillis(event.at), event.day),
                        std::string(event.properties)});
    });
    std::stable_sort(events.begin(), events.end(), newer);
    if (events.size() > limit) events.resize(limit);
  }
  return events;
}

BatchView::BatchView(JournalPosition position, BatchSource& source)
    : position(position),
      users(source.batch().users()),
      names(source.batch().names()),
      at(source.batch().at()),
      days(source.batch().days()),
      name_texts(source.names()),
      source_(source) {}

std::string_view BatchView::properties(size_t i) const {
  if (!opened_) source_.OpenProperties();
  opened_ = true;
  return source_.batch().properties(i);
}

std::unique_ptr<BatchReading> Journal::ReadBatches(JournalPosition after,
                                                   size_t threads) const {
  return std::make_unique<BatchReading>(*this, after, threads);
}

// One thread's view of the file: that of its first question, to the end.
struct BatchReading::Reader {
  explicit Reader(Journal::Impl& journal)
      : lease(journal.readers.Take()), source(lease.db(), journal.names) {}

  std::vector<Batch> Batches(JournalPosition after, JournalPosition last) {
    SQLite::Statement query(lease.db(),
                            "SELECT number, events FROM batches WHERE number "
                            "> ? AND number <= ? ORDER BY number");
    SQLite::bind(query, after, last);
    std::vector<Batch> batches;
    while (query.executeStep()) {
      batches.push_back(
          {query.getColumn(0).getInt64(), query.getColumn(1).getInt64()});
    }
    return batches;
  }

  ReaderPool::Lease lease;
  BatchSource source;
};

BatchReading::BatchReading(const Journal& journal, JournalPosition after,
                           size_t threads) {
  const JournalPosition last = journal.end();
  const auto reader = [&] { return std::make_unique<Reader>(*journal.impl_); };
  readers_.push_back(reader());
  batches_ = readers_.front()->Batches(after, last);
  while (readers_.size() < std::min(threads, batches_.size())) {
    readers_.push_back(reader());
    auto seen = readers_.back()->Batches(after, last);
    if (seen == batches_) continue;
    // Some were merged in between: those before see what is gone.
    readers_.erase(readers_.begin(), std::prev(readers_.end()));
    batches_ = std::move(seen);
  }
}

BatchReading::~BatchReading() = default;

void BatchReading::Read(
    std::span<const Batch> some,
    const std::function<void(size_t, const BatchView&)>& f) {
  std::atomic<size_t> next = 0;
  OnThreads(std::min(readers_.size(), some.size()), [&](size_t thread) {
    BatchSource& source = readers_[thread]->source;
    for (size_t i = next++; i < some.size(); i = next++) {
      source.Open(some[i].number);
      source.OpenTimes();
      f(thread, BatchView(some[i].number, source));
    }
  });
}

}  // namespace rekindle

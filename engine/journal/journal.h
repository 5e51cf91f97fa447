// journal.db: the raw events, in order of arrival.
//
// Events are appended in batches: one row a batch, the events column-wise
// inside it and packed (batch.h), with the smallest and largest instant
// beside them so that a read of a time range skips what it does not need.
// Message ids are remembered as long as a raw event they came with, or one
// near it, is kept (message_ids.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/workers.h"
#include "engine/journal/id_hash.h"
#include "engine/model/event.h"

namespace rekindle {

// The number of a batch, from 1; 0 is before the first.
using JournalPosition = int64_t;

// One record on its way into the journal; the texts lie elsewhere until the
// append is done. With an empty event name only the message id is kept (of
// messages that are no events); reads leave it out.
struct JournalEvent {
  UserNumber user = kNoUser;
  std::string_view name;
  Moment when;
  std::string_view properties;
  IdHash id{};
};

// `day` of an event that is not dated by day.
inline constexpr int32_t kExactTime = std::numeric_limits<int32_t>::min();

// A view of one stored event; texts live until the callback returns.
struct StoredEvent {
  UserNumber user;
  std::string_view name;
  Instant at;
  int32_t day;  // local day number for an event dated by day, else kExactTime
  std::string_view properties;
};

class BatchReading;
class BatchSource;

// A batch while a callback looks at it: entries of a record stand at the same
// place in all columns.
class BatchView {
 public:
  BatchView(JournalPosition position, BatchSource& source);

  const JournalPosition position;
  const std::span<const UserNumber> users;
  const std::span<const uint32_t> names;  // look them up in name_texts
  const std::span<const int64_t> at;      // epoch ms
  const std::span<const int32_t> days;    // empty: none is dated by day
  const std::span<const std::string_view> name_texts;
  // Unpacks all of them when the first is asked for.
  std::string_view properties(size_t i) const;

 private:
  BatchSource& source_;
  mutable bool opened_ = false;
};

// One writer; reads may run beside it. Failures of disk or file are
// SQLite::Exception; a batch that does not decode is std::runtime_error with
// its number.
class Journal {
 public:
  explicit Journal(const std::filesystem::path& file);
  // The other flushes message ids by the million.
  Journal(const std::filesystem::path& file, size_t recent_ids);
  ~Journal();

  // Begins to read, on a thread of its own, the ids that the first Remember
  // waits for.
  void ReadIdsAhead();
  // Says of each id whether it is new (or none); of one that comes twice only
  // the first is new. Remembers them (in memory) until the append that holds
  // them commits or ForgetUncommitted() drops them.
  std::vector<bool> Remember(std::span<const IdHash> ids);
  bool Remember(const IdHash& id) { return Remember({&id, 1}).front(); }
  void ForgetUncommitted();

  // Appends all events, or none where it throws, and returns end(). Call
  // AwaitDurable before telling anybody that they are kept. Many events become
  // several batches, no events none. REQUIRES: Remember was asked about the
  // ids.
  JournalPosition Append(std::span<const JournalEvent> events);
  // The same, packed on all cores; many become durable meanwhile.
  JournalPosition Append(std::span<const JournalEvent> events,
                         Workers& workers);
  JournalPosition end() const;
  // Returns once everything up to this position is durable (fsynced). Throws
  // where a sync fails; then nothing more is appended before all of it is
  // durable.
  void AwaitDurable(JournalPosition position) const;
  // Makes durable what a failed sync has left, if one failed. Throws where that
  // fails, too.
  void Mend();

  // Calls f for every event of the batches after `after`, in order.
  void Read(JournalPosition after,
            const std::function<void(const StoredEvent&)>& f) const;
  // The same column by column, on `threads` threads, for callers that read very
  // many. The journal must outlive what is returned.
  std::unique_ptr<BatchReading> ReadBatches(JournalPosition after,
                                            size_t threads) const;
  // Every event with from <= at <= to, in order of arrival.
  void ReadBetween(Instant from, Instant to,
                   const std::function<void(const StoredEvent&)>& f) const;
  // Events of one user (`numbers`: those merged into the user included), newest
  // first by instant, at most `limit`. `when.day` is set only for events dated
  // by day; that of others depends on the calendar.
  std::vector<Event> ReadUser(std::span<const UserNumber> numbers,
                              size_t limit) const;

  // Rewrites the batches that hold one of the users without them and their
  // message ids. Returns how many records went.
  int64_t Erase(std::span<const UserNumber> users);

  // Pruning drops whole batches: those whose events all lie before `before`,
  // and the oldest until the file's contents are no larger than `bytes`; never
  // the newest.
  struct PruneLimits {
    std::optional<Instant> before;
    std::optional<int64_t> bytes;
  };
  struct Prunable {
    std::optional<Instant> before;
    JournalPosition beyond = 0;     // the newest batch beyond the size
    JournalPosition last = 0;       // newer ones stay, whatever they hold
    std::optional<Instant> newest;  // of the events that go, where any do
  };
  // What goes, of the batches up to `applied`; nothing where none does. Reads
  // no events, and may run beside the writer.
  std::optional<Prunable> FindPrunable(const PruneLimits& limits,
                                       JournalPosition applied) const;
  // Drops that, but for batches that were merged meanwhile with one that stays.
  // Returns how many events went.
  int64_t Prune(const Prunable& prunable);

  // Flushes the message ids that still stand beside their batches into a run;
  // kBegin does not wait for it.
  enum class Flushing { kBegin, kWait };
  void FlushIds(Flushing flushing);
  // Merges some small batches whose ids are in runs, those up to `applied`
  // only, into a large one. Positions stay in order: a merged batch has that of
  // its newest, so a read after a position amid them gives older ones again.
  // Returns how many batches were merged: 0 when there is no more to do.
  int64_t Compact(JournalPosition applied);
  // Gives space that deletions left free back to the disk.
  void GiveBackSpace();
  // Reads everything as it is now and says what is damaged; empty where nothing
  // is. May run beside the writer.
  std::vector<std::string> Check() const;

  struct Stats {
    int64_t batches = 0;
    int64_t events = 0;
    std::optional<Instant> first, last;  // of event instants
    // The newest event instant that was ever pruned: later events are all kept.
    std::optional<Instant> pruned_until;
  };
  Stats stats() const;

  struct IdStats {
    int64_t recent = 0;   // in memory
    int64_t in_runs = 0;  // on disk
    int64_t runs = 0;
    int64_t run_bytes = 0;     // on disk, beside journal.db
    int64_t filter_bytes = 0;  // 0 until an id is asked for
  };
  IdStats id_stats() const;

 private:
  friend class BatchReading;
  void DropOldIds();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads batches as they stand when it is made, whatever is appended or merged
// meanwhile. Not thread-safe, but for what happens inside Read.
class BatchReading {
 public:
  struct Batch {
    JournalPosition number = 0;
    int64_t events = 0;
    friend bool operator==(const Batch&, const Batch&) = default;
  };

  BatchReading(const Journal& journal, JournalPosition after, size_t threads);
  ~BatchReading();

  std::span<const Batch> batches() const { return batches_; }
  // Calls f(thread, batch) for the given batches, on several threads at once,
  // in no order. Records with the name 0 are no events.
  void Read(std::span<const Batch> some,
            const std::function<void(size_t thread, const BatchView&)>& f);

 private:
  struct Reader;
  std::vector<std::unique_ptr<Reader>> readers_;  // by thread
  std::vector<Batch> batches_;
};

}  // namespace rekindle

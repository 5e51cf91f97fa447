// journal.db: the raw events, in order of arrival.
//
// Events are appended in batches: one row a batch, the events column-wise
// inside it and compressed (zstd), with the smallest and largest instant
// beside them so that a read of a time range skips what it does not need. A
// random unique index over message ids would cost seven times the append
// (reference measurements), so ids are deduplicated in memory by their 128-bit
// hash, read from the batches when the first append needs them.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.h"

namespace rekindle {

// The number of a batch, from 1; 0 is before the first.
using JournalPosition = int64_t;

// 128 bits of a message id; all 0: none.
using IdHash = std::array<uint64_t, 2>;
IdHash HashOfId(std::string_view message_id);

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

// A view of one stored event; texts live until the callback returns.
struct StoredEvent {
  UserNumber user;
  std::string_view name;
  Instant at;
  int32_t day;  // local day number for an event dated by day, else INT32_MIN
  std::string_view properties;
};

// One writer; reads may run beside it. Failures of disk or file are
// SQLite::Exception; a batch that does not decode is std::runtime_error with
// its number.
class Journal {
 public:
  explicit Journal(const std::filesystem::path& file);
  ~Journal();

  // True where the id is new (or none); remembers it (in memory) until the
  // append that holds it commits or ForgetUncommitted() drops it.
  bool Remember(const IdHash& id);
  void ForgetUncommitted();

  // Durable (fsynced) when it returns. Empty batches are not written.
  JournalPosition Append(std::span<const JournalEvent> events);
  JournalPosition end() const;

  // Calls f for every event of the batches after `after`, in order.
  void Read(JournalPosition after,
            const std::function<void(const StoredEvent&)>& f) const;
  // Every event with from <= at <= to, in order of arrival.
  void ReadBetween(Instant from, Instant to,
                   const std::function<void(const StoredEvent&)>& f) const;
  // One user's (numbers that were merged into the user included), newest
  // first by instant, at most `limit`. `when.day` is set where the event is
  // dated by day; the others' depends on the calendar.
  std::vector<Event> ReadUser(std::span<const UserNumber> numbers,
                              size_t limit) const;

  // Rewrites the batches that hold one of the users without them and their
  // message ids. Returns how many records went.
  int64_t Erase(std::span<const UserNumber> users);

  // Drops whole batches whose events all lie before the instant, those up to
  // `applied` only; the newest batch always stays. Returns how many events
  // went.
  int64_t Prune(Instant before, JournalPosition applied);

  struct Stats {
    int64_t batches = 0;
    int64_t events = 0;
    std::optional<Instant> first, last;  // of event instants
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle

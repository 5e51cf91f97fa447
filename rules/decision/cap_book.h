// How much room the caps leave each user, given the touches of the ledger (read
// once a tick) and those that the tick itself plans.
//
// A touch counts at the instant it is due, in the user's zone, and in every
// channel that it may go through: so a fallback never exceeds a cap. Nobody
// else plans while a tick runs, so what was read stays true; room that failed
// and dropped touches give back meanwhile is seen by the next tick.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/ledger/ledger.h"
#include "rules/decision/decision.h"

namespace rekindle {

// Not thread-safe.
class CapBook {
 public:
  // `caps` and `ledger` outlive it. `only`: the one user it will be asked
  // about.
  CapBook(const std::vector<Cap>& caps, const Ledger& ledger, uint32_t universe,
          Instant as_of, std::optional<UserNumber> only);

  // A touch that asks for room.
  struct Ask {
    UserNumber user = kNoUser;
    const Calendar* zone = nullptr;  // the user's
    Instant due;
    double priority = 0;  // of its rule
  };
  struct Verdict {
    const Cap* cap = nullptr;  // the one that is full; nullptr: there is room
    // There would be room but for what rules of higher priority took in this
    // tick.
    bool outranked = false;
    int64_t taken = 0;  // of `fullest`, for explain
    const Cap* fullest = nullptr;
  };
  // Asks the caps that count every channel (`channel` empty), or those of one.
  Verdict Check(SQLite::Database& db, const Ask& ask,
                const std::string& channel);
  // Takes room in the caps of every channel, and in those of `channels`.
  void Reserve(const Ask& ask, const std::vector<const std::string*>& channels);

  // RollBack gives back the room that was taken since Mark.
  size_t Mark() const { return added_.size(); }
  void RollBack(size_t mark);

  // "2026-03-20 (Asia/Shanghai) has 1 push touch of 2".
  static Phrase Describe(const Cap& cap, int64_t taken, const Ask& ask);

 private:
  // The touches that count for the caps of one channel, or of all.
  struct Shelf {
    std::string channel;
    Instant from;
    bool read = false;
    std::vector<int64_t> at;      // dues (ms) of user 0, then of user 1, ...
    std::vector<uint32_t> first;  // where each user's begin, and the end
  };
  struct Added {
    int64_t at;
    double priority;
    UserNumber user;
    int32_t before;  // the same user's one before; -1: none
    // Bit i: it counts on shelf i. There are at most kMostCappedChannels + 1.
    uint64_t shelves;
  };

  size_t ShelfOf(const std::string& channel) const;
  void Read(SQLite::Database& db, Shelf* shelf) const;
  // The most other touches that share a span of the cap with the one asked for;
  // `without_higher` leaves out those of higher priority in this tick.
  int64_t Taken(const Cap& cap, size_t shelf, const Ask& ask,
                bool without_higher) const;

  const std::vector<Cap>& caps_;
  const Ledger& ledger_;
  const uint32_t universe_;
  const std::optional<UserNumber> only_;
  std::vector<Shelf> shelves_;
  std::vector<Added> added_;
  std::vector<int32_t> last_added_;     // by user; empty until the first
  mutable std::vector<int64_t> times_;  // scratch
};

}  // namespace rekindle

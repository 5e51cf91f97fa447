// What the ledger keeps of each channel as a whole: touches handed to it and
// their outcomes, by quarter of an hour; an operator's hold; and what operators
// did.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "engine/store/store.h"
#include "engine/touches/touch.h"

namespace rekindle {

enum class HoldMode {
  kPaused,    // nothing leaves; what is planned waits
  kDraining,  // what was planned before `since` leaves, nothing later
};
std::string_view HoldModeName(HoldMode mode);  // "paused", "draining"

// An operator's hold on a channel; it survives restarts.
struct ChannelHold {
  HoldMode mode = HoldMode::kPaused;
  Instant since;
  std::string who;
};

// What people did by hand, for the record.
struct OperatorAction {
  Instant at;
  std::string who;
  std::string action;  // "pause", "resume", "drain", "settle"
  std::string subject;
  int64_t touches = 0;
};

// The outcomes of a channel's attempts in a span of time, counted.
struct ChannelCounts {
  int64_t handed = 0;                         // claimed, retries included
  std::map<std::string, int64_t> by_outcome;  // "accepted", "temporary", ..
  int64_t cost = 0;                           // millionths

  int64_t CountOf(const std::string& outcome) const;  // 0 where there are none
};

struct ChannelQueue {
  int64_t due = 0;
  std::optional<Instant> oldest_due;
  int64_t waiting = 0;  // planned, the due ones included
  int64_t unknown = 0;
};

// Thread-safe. Functions with `db` work inside the caller's transaction.
class ChannelBook {
 public:
  explicit ChannelBook(Store& store) : store_(store) {}

  void Hold(const std::string& channel, HoldMode mode, const std::string& who,
            Instant now);
  // False where it was not held.
  bool Resume(const std::string& channel, const std::string& who, Instant now);
  std::map<std::string, ChannelHold> Holds() const;
  static std::optional<ChannelHold> HoldOf(SQLite::Database& db,
                                           const std::string& channel);

  // `outcome` is an outcome class, or kHanded.
  static constexpr std::string_view kHanded = "handed";
  static void Count(SQLite::Database& db, const std::string& channel,
                    std::string_view outcome, int64_t touches, int64_t cost,
                    Instant now);
  // Touches handed over in [from, to).
  static int64_t Handed(SQLite::Database& db, const std::string& channel,
                        Instant from, Instant to);
  // Counts by channel in [from, to), by whole quarters of an hour.
  std::map<std::string, ChannelCounts> Counts(Instant from, Instant to) const;

  std::map<std::string, ChannelQueue> Queues(Instant now) const;
  // Whether a touch was ever handed to the channel, or is unknown in it.
  bool HasSent(const std::string& channel) const;
  // By channel: treated touches planned in [from, to), by state.
  std::map<std::string, std::map<TouchState, int64_t>> States(Instant from,
                                                              Instant to) const;

  static void Note(SQLite::Database& db, const OperatorAction& action);
  std::vector<OperatorAction> Actions(int64_t limit) const;  // newest first

 private:
  Store& store_;
};

}  // namespace rekindle

// The circuit breaker of one channel.
//
//   closed --account error, or a run of touches without a clear answer--> open
//   open --its pause is over--> half open: one touch is tried
//   half open --a clear answer--> closed;  --none--> open again
#pragma once

#include <optional>
#include <set>
#include <string>

#include "channels/adapter/adapter.h"
#include "channels/delivery_settings.h"
#include "config/base/calendar.h"

namespace rekindle {

// One thread at a time.
class Circuit {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };
  struct Opening {
    Instant since;  // first opened; a failed probe does not change it
    Instant at;     // of this pause
    Instant until;
    std::string reason;
  };
  enum class Change { kNone, kOpened, kClosed };

  // A clock that is set back to before the opening ends the pause: nobody
  // knows how much of it is over.
  State StateAt(Instant now) const;
  // Set unless closed.
  const std::optional<Opening>& opening() const { return opening_; }

  // What an outcome means for the channel. Touches are told apart by id, so
  // that one that never gets through does not stop the others for ever: its
  // account errors open a closed circuit once. While open, outcomes of what was
  // in flight change nothing.
  Change Judge(const std::string& touch_id, const Outcome& outcome,
               const CircuitSettings& settings, Instant now);

 private:
  Change Open(const Outcome& outcome, std::chrono::seconds pause, Instant now);

  std::optional<Opening> opening_;
  std::set<std::string> run_;  // touch ids without a clear answer in a row
  std::set<std::string> met_account_error_;         // touch ids, at any time
  std::optional<std::chrono::seconds> least_wait_;  // asked for in the run
};

}  // namespace rekindle

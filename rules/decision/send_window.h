// When a touch may leave: inside the send window, in the user's own zone, and
// on no holiday. Transactional touches leave at any time.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/users/user_directory.h"
#include "rules/decision/decision.h"

namespace rekindle {

struct SendTime {
  // Nothing where the rule's `wait` ends before it may leave.
  std::optional<Instant> due;
  // Until when it may leave: the window closes, or a holiday begins, at the
  // latest at midnight, as the caps of the next day are others. Nothing: for
  // ever.
  std::optional<Instant> closes;
  // Why it has to wait (kOutsideWindow, kHoliday); kNone where it does not.
  Reason waits_for = Reason::kNone;
};

// When a touch decided at `at` may leave: `at` itself, else the window's next
// opening that lies on no holiday (a day of the user's zone). Without a window
// it waits for the same time of the first day that is none.
SendTime SendTimeOf(const Rule& rule, Instant at, const Calendar& zone,
                    const EngineSettings& settings);
// The same for a touch that is given up at `latest`.
SendTime SendTimeOf(const Rule& rule, Instant at, Instant latest,
                    const Calendar& zone, const EngineSettings& settings);

// When a touch planned at `at` is given up: after the rule's `wait`; 24 hours
// for transactional ones.
Instant ExpiresAt(const Rule& rule, Instant at, const EngineSettings& settings);

// "09:00-21:00".
std::string FormatWindow(const SendWindow& window);

// The send times of one rule at one instant, worked out once a zone. Not
// thread-safe.
class SendTimes {
 public:
  // All outlive it.
  SendTimes(const Rule& rule, Instant at, const UserDirectory& users,
            const EngineSettings& settings)
      : rule_(rule), at_(at), users_(users), settings_(settings) {}

  const Calendar& ZoneOf(UserNumber user) const;
  const SendTime& Of(const Calendar& zone);

 private:
  const Rule& rule_;
  const Instant at_;
  const UserDirectory& users_;
  const EngineSettings& settings_;
  std::vector<std::pair<const Calendar*, SendTime>> by_zone_;
};

}  // namespace rekindle

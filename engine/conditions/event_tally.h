// Counts and sums over a user's raw events: the primitive behind counts, sums,
// order and properties in conditions (engine/conditions/README.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/duration.h"
#include "engine/behavior/behavior.h"
#include "engine/model/event.h"

namespace rekindle {

// Which events of a user are tallied: those of the behavior, up to as_of.
struct EventQuestion {
  BehaviorIndex behavior = 0;
  // The stretch asked about: whole local days, or from an instant on. Neither:
  // all time.
  std::optional<DayRange> days;
  std::optional<Instant> from;
  // Only those after the user's last event of this behavior; none where there
  // was no such event.
  std::optional<BehaviorIndex> since;
  PropertyTests where;  // all of them hold
  std::string same;     // a property: events are tallied by its value
  std::string total;    // a property: its numbers are added up

  bool AsksProperties() const {
    return !where.empty() || !same.empty() || !total.empty();
  }
};

// The events of one user; with `same`, those of one value of it.
struct EventTally {
  int events = 0;
  std::vector<LocalDay> days;  // ascending, each once
  // The sum of numbers rounded to 6 decimals: the same in whatever order they
  // come.
  double total = 0;
  std::string value;  // of `same`
};

// At least one a user with any such event. With `same`, by ascending value;
// events without the property are left out.
using EventTallies = std::unordered_map<UserNumber, std::vector<EventTally>>;

// The longest run of consecutive days. `days` ascend, each once.
int LongestRow(const std::vector<LocalDay>& days);

// Takes one user's events in any order; `question` outlives it.
class TallyMaker {
 public:
  explicit TallyMaker(const EventQuestion& question) : question_(&question) {}

  // An event of the behavior, in the stretch asked about.
  void Add(Instant at, LocalDay day, std::string_view properties);
  // An event of `since`, in the stretch or earlier on its first day.
  void AddSince(Instant at, LocalDay day);

  // What the columns know of the user: the days of the behavior in the
  // stretch, and the last of `since`. Days without an event (their raw events
  // are gone) count as one event each, unless properties are asked for.
  std::vector<EventTally> Finish(const std::vector<LocalDay>& days,
                                 std::optional<LocalDay> last_since);

 private:
  struct Entry {
    Instant at;
    LocalDay day;
    std::string value;
    double number = 0;
  };

  void AddMissingDays(const std::vector<LocalDay>& days);
  void DropBefore(std::optional<LocalDay> last_since);

  const EventQuestion* question_;
  std::vector<Entry> entries_;
  std::optional<Instant> since_;
  LocalDay since_day_ = LocalDay::min();
};

}  // namespace rekindle

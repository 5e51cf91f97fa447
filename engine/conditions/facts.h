// What can be asked about users at one instant: the few primitives that every
// condition compiles to. They are implemented once per engine; the embedded
// one is Snapshot.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/duration.h"
#include "engine/behavior/behavior.h"
#include "engine/conditions/event_tally.h"
#include "engine/model/state.h"
#include "engine/sets/user_set.h"
#include "engine/touches/touched.h"

namespace rekindle {

struct EngineSettings;

// How strongly one user prefers one label, over the preference window.
struct LabelShare {
  size_t label = 0;      // index into PreferenceSettings::labels
  int days = 0;          // local days with the label's behavior and activity
  int active_days = 0;   // local days with activity
  bool labeled = false;  // share >= threshold, active_days >= min_active_days
  double share() const {
    return active_days == 0 ? 0 : static_cast<double>(days) / active_days;
  }
};

// Whether there are fewer days of a behavior in one window than in another.
struct DropQuestion {
  BehaviorIndex behavior = 0;
  DayRange now, before;
  int64_t by = 0;  // the least share of the days before, in hundred-thousandths

  // In integers, so that 30% of 10 days are 3. A user who had none cannot drop.
  bool Holds(int64_t days_now, int64_t days_before) const {
    return days_before > 0 &&
           (days_before - days_now) * 100'000 >= days_before * by;
  }
};

// Nothing later than as_of is seen, except profile values and tags, which are
// always today's. Sets hold known users only (users/README.md). States, labels
// and segments are computed on first use and kept; questions about days read
// the columns each time; const calls are thread-safe.
class Facts {
 public:
  virtual ~Facts() = default;

  virtual const EngineSettings& settings() const = 0;
  virtual Instant as_of() const = 0;
  virtual LocalDay today() const = 0;  // as_of's local day
  // False where as_of lies inside a day whose raw events are gone: then the
  // answer is at day grain.
  virtual bool exact() const = 0;
  // Raw events up to this instant may be gone; nothing: all are kept.
  virtual std::optional<Instant> EventsGoneUntil() const = 0;

  // --- sets
  virtual const UserSet& Known() const = 0;
  // All users of a state, or of one substate of it ("other" is the rest).
  virtual UserSet InState(State state, std::string_view substate) const = 0;
  // Users whose last active day (registration counts) lies in the range; an
  // absent bound is open.
  virtual UserSet LastActive(std::optional<LocalDay> first,
                             std::optional<LocalDay> last) const = 0;
  // Users with at_least..at_most local days of the behavior in the range. An
  // absent range is all time.
  virtual UserSet DaysPresent(BehaviorIndex behavior,
                              std::optional<DayRange> range, int at_least,
                              int at_most) const = 0;
  // Users with so many days of the behavior one after the other in the range.
  virtual UserSet DaysInARow(BehaviorIndex behavior,
                             std::optional<DayRange> range, int days) const = 0;
  virtual UserSet Dropped(const DropQuestion& question) const = 0;
  virtual UserSet Labeled(size_t label) const = 0;
  virtual UserSet TopLabel(size_t label) const = 0;
  virtual UserSet WithProfile(const std::string& key,
                              const ValueTest& test) const = 0;
  virtual UserSet Tagged(const std::string& tag) const = 0;
  virtual const UserSet& InSegment(size_t segment) const = 0;
  // Users with a touch that fits the question and was planned before as_of.
  virtual UserSet Touched(const TouchQuestion& question) const = 0;
  // Reads raw events, for `candidates` only. A day whose raw events are gone
  // counts as one event without properties.
  virtual EventTallies TallyEvents(const UserSet& candidates,
                                   const EventQuestion& question) const = 0;

  // --- one user (REQUIRES: user < universe)
  virtual State StateOf(UserNumber user) const = 0;
  virtual std::string SubstateOf(UserNumber user) const = 0;  // "" if none
  virtual int InactivePeriods(UserNumber user) const = 0;
  virtual LocalDay LastActiveDay(UserNumber user) const = 0;
  // Exact where it is known; else the start of the last active day.
  virtual Instant LastActivity(UserNumber user) const = 0;
  virtual LocalDay RegisteredOn(UserNumber user) const = 0;
  virtual int DaysOf(UserNumber user, BehaviorIndex behavior,
                     std::optional<DayRange> range) const = 0;
  // Ascending.
  virtual std::vector<LocalDay> DayListOf(
      UserNumber user, BehaviorIndex behavior,
      std::optional<DayRange> range) const = 0;
  virtual std::optional<LocalDay> LastDayOf(UserNumber user,
                                            BehaviorIndex behavior) const = 0;
  virtual Value ProfileOf(UserNumber user, const std::string& key) const = 0;
  virtual std::optional<PlannedTouch> LastTouchOf(
      UserNumber user, const TouchQuestion& question) const = 0;
  virtual bool HasTag(UserNumber user, const std::string& tag) const = 0;
  // One entry a label with days >= 1, in file order.
  virtual std::vector<LabelShare> LabelsOf(UserNumber user) const = 0;
  // The user's label with the highest share (ties: more recent, file order).
  virtual std::optional<size_t> TopLabelOf(UserNumber user) const = 0;
};

}  // namespace rekindle

// The lifecycle, preferences, flows and retention by the letter of their
// definitions (engine/users/README.md, engine/lifecycle/README.md,
// engine/preferences/preferences.h): slow, obvious, FOR TESTS ONLY.
//
// It knows nothing but a list of who did what when, and asks it anew for every
// question. It shares no code with the engine except the calendar's dates; what
// the two agree on is therefore agreed twice.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/duration.h"

namespace rekindle::reference {

// One event, under the id its user has in the end (merges done).
struct Act {
  std::string user;
  Moment when;
  std::string event;
  std::map<std::string, std::string> properties = {};
};

struct Label {
  std::string name;
  std::set<std::string> events;
};

struct Rules {
  Calendar calendar = Calendar::Utc();
  std::set<std::string> activity;  // empty: any event
  PeriodUnit period = PeriodUnit::kMonth;
  int churned_after = 2;
  Duration window{3, DurationUnit::kMonth};
  int threshold_percent = 50;
  int min_active_days = 1;
  bool anchor_last_active = false;
  std::vector<Label> labels;
};

struct LabelDays {
  int days = 0;
  bool labeled = false;
};

// What is to be said of one known user at one instant.
struct Standing {
  std::string state;  // "previous_new"
  int inactive_periods = 0;
  LocalDay registered;
  LocalDay last_active;
  Instant last_activity;
  int active_days = 0;                      // in the preference window
  std::map<std::string, LabelDays> labels;  // every label
  std::string top;                          // empty: none
};

struct Rate {
  int64_t part = 0;
  int64_t whole = 0;
};

struct Flow {
  int32_t period = 0;
  std::map<std::string, int64_t> count;  // every state
  int64_t total = 0;
  int64_t mau = 0;
  Rate old_users, new_users, dormant, churned;
};

// period, from (empty: new), to -> users
using Transitions =
    std::map<std::tuple<int32_t, std::string, std::string>, int64_t>;

struct RetentionCell {
  int32_t cohort = 0;
  int64_t size = 0;
  int32_t n = 0;
  int64_t retained = 0;
  friend bool operator==(const RetentionCell&, const RetentionCell&) = default;
};

class Reference {
 public:
  // `created_at`: of the profiles. A user with neither is not known.
  Reference(Rules rules, const std::vector<Act>& acts,
            const std::map<std::string, Moment>& created_at);

  std::vector<std::string> users() const;

  // Nothing where the user is not known at the instant.
  std::optional<Standing> At(const std::string& user, Instant as_of) const;
  std::optional<std::string> StateAt(const std::string& user,
                                     Instant as_of) const;

  // Local days with one of the events (empty: any), up to as_of.
  std::set<LocalDay> DaysWith(const std::string& user,
                              const std::set<std::string>& events,
                              Instant as_of) const;
  int EventsWith(const std::string& user, const std::set<std::string>& events,
                 Instant from, Instant as_of) const;

  // The user's, up to as_of.
  std::vector<Act> ActsOf(const std::string& user, Instant as_of) const;

  std::vector<Flow> Flows(Instant as_of) const;
  Transitions TransitionsTo(Instant as_of) const;
  // `events`: those of the behavior; empty: any.
  std::vector<RetentionCell> Retention(
      Instant as_of, PeriodUnit unit,
      const std::set<std::string>& events) const;

 private:
  struct Person {
    std::vector<Act> acts;
    std::optional<Moment> created_at;
  };

  std::optional<Moment> RegisteredAt(const Person& person) const;
  bool Known(const Person& person, Instant as_of) const;
  std::set<LocalDay> DaysWith(const Person& person,
                              const std::set<std::string>& events,
                              Instant as_of) const;
  // Activity, registration counted.
  std::set<LocalDay> ActiveDays(const Person& person, Instant as_of) const;
  bool ActiveIn(const Person& person, int32_t period, Instant as_of) const;
  std::string State(const Person& person, Instant as_of) const;
  Instant LastActivity(const Person& person, Instant as_of) const;
  void AddPreferences(const Person& person, Instant as_of,
                      Standing* standing) const;
  bool InWindow(LocalDay day, LocalDay end) const;
  int32_t PeriodAt(Instant as_of) const;
  // The last instant of the period that as_of has seen.
  Instant EndSeen(int32_t period, Instant as_of) const;
  std::optional<int32_t> FirstPeriod(Instant as_of) const;
  Flow FlowOf(int32_t period, Instant as_of) const;
  Rate RateOf(const std::set<std::string>& states, int32_t period,
              Instant as_of) const;

  const Rules rules_;
  std::map<std::string, Person> people_;
};

}  // namespace rekindle::reference

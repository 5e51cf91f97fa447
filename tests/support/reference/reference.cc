#include "tests/support/reference/reference.h"

#include <algorithm>

namespace rekindle::reference {
namespace {

const std::set<std::string> kAllStates = {
    "new", "previous_new", "active", "woken", "returned", "dormant", "churned"};
const std::set<std::string> kMau = {"new", "previous_new", "active", "woken",
                                    "returned"};
const std::set<std::string> kOld = {"active", "woken", "returned",
                                    "previous_new"};

bool IsOne(const std::set<std::string>& events, const std::string& event) {
  return events.empty() || events.count(event) != 0;
}

}  // namespace

Reference::Reference(Rules rules, const std::vector<Act>& acts,
                     const std::map<std::string, Moment>& created_at)
    : rules_(std::move(rules)) {
  for (const Act& act : acts) people_[act.user].acts.push_back(act);
  for (const auto& [user, when] : created_at) people_[user].created_at = when;
}

std::vector<std::string> Reference::users() const {
  std::vector<std::string> ids;
  for (const auto& [id, person] : people_) ids.push_back(id);
  return ids;
}

// R = the earlier of profile created_at and the first event of any kind.
std::optional<Moment> Reference::RegisteredAt(const Person& person) const {
  std::optional<Moment> r = person.created_at;
  for (const Act& act : person.acts) {
    if (!r || act.when.at < r->at) r = act.when;
  }
  return r;
}

bool Reference::Known(const Person& person, Instant as_of) const {
  const auto r = RegisteredAt(person);
  return r && r->at <= as_of;
}

std::set<LocalDay> Reference::DaysWith(const Person& person,
                                       const std::set<std::string>& events,
                                       Instant as_of) const {
  std::set<LocalDay> days;
  for (const Act& act : person.acts) {
    if (act.when.at <= as_of && IsOne(events, act.event)) {
      days.insert(act.when.day);
    }
  }
  return days;
}

std::set<LocalDay> Reference::DaysWith(const std::string& user,
                                       const std::set<std::string>& events,
                                       Instant as_of) const {
  return DaysWith(people_.at(user), events, as_of);
}

int Reference::EventsWith(const std::string& user,
                          const std::set<std::string>& events, Instant from,
                          Instant as_of) const {
  int count = 0;
  for (const Act& act : people_.at(user).acts) {
    count +=
        act.when.at >= from && act.when.at <= as_of && IsOne(events, act.event);
  }
  return count;
}

std::vector<Act> Reference::ActsOf(const std::string& user,
                                   Instant as_of) const {
  std::vector<Act> acts;
  for (const Act& act : people_.at(user).acts) {
    if (act.when.at <= as_of) acts.push_back(act);
  }
  return acts;
}

std::set<LocalDay> Reference::ActiveDays(const Person& person,
                                         Instant as_of) const {
  std::set<LocalDay> days = DaysWith(person, rules_.activity, as_of);
  days.insert(RegisteredAt(person)->day);
  return days;
}

bool Reference::ActiveIn(const Person& person, int32_t period,
                         Instant as_of) const {
  for (LocalDay day : ActiveDays(person, as_of)) {
    if (PeriodOf(day, rules_.period) == period) return true;
  }
  return false;
}

// The table of engine/lifecycle/README.md, row by row.
std::string Reference::State(const Person& person, Instant as_of) const {
  const int32_t m = PeriodAt(as_of);
  const int32_t r = PeriodOf(RegisteredAt(person)->day, rules_.period);
  const int c = rules_.churned_after;
  bool active_m = false;
  int32_t p = r;  // the last active period before m
  for (LocalDay day : ActiveDays(person, as_of)) {
    const int32_t period = PeriodOf(day, rules_.period);
    if (period == m) active_m = true;
    if (period < m) p = std::max(p, period);
  }
  if (r == m) return "new";
  if (r == m - 1 && active_m) return "previous_new";
  if (r < m - 1 && active_m && p == m - 1) return "active";
  if (r < m - 1 && active_m && 1 < m - p && m - p <= c) return "woken";
  if (r < m - 1 && active_m && m - p > c) return "returned";
  if (!active_m && p > m - c) return "dormant";
  if (!active_m && p <= m - c) return "churned";
  return "no state at all";
}

std::optional<std::string> Reference::StateAt(const std::string& user,
                                              Instant as_of) const {
  const Person& person = people_.at(user);
  if (!Known(person, as_of)) return std::nullopt;
  return State(person, as_of);
}

std::optional<Standing> Reference::At(const std::string& user,
                                      Instant as_of) const {
  const Person& person = people_.at(user);
  if (!Known(person, as_of)) return std::nullopt;
  Standing standing;
  standing.state = State(person, as_of);
  standing.registered = RegisteredAt(person)->day;
  standing.last_active = *ActiveDays(person, as_of).rbegin();
  standing.inactive_periods =
      PeriodAt(as_of) - PeriodOf(standing.last_active, rules_.period);
  standing.last_activity = LastActivity(person, as_of);
  AddPreferences(person, as_of, &standing);
  return standing;
}

Instant Reference::LastActivity(const Person& person, Instant as_of) const {
  Instant last = RegisteredAt(person)->at;
  for (const Act& act : person.acts) {
    if (act.when.at <= as_of && IsOne(rules_.activity, act.event)) {
      last = std::max(last, act.when.at);
    }
  }
  return last;
}

void Reference::AddPreferences(const Person& person, Instant as_of,
                               Standing* standing) const {
  const std::set<LocalDay> active = DaysWith(person, rules_.activity, as_of);
  LocalDay end = rules_.calendar.DayOf(as_of);
  if (rules_.anchor_last_active) {
    const auto month = PeriodOf(standing->last_active, PeriodUnit::kMonth);
    end = std::min(end, LastDayOf(month, PeriodUnit::kMonth));
  }
  for (LocalDay day : active) standing->active_days += InWindow(day, end);
  int best = -1;
  LocalDay best_last = LocalDay::min();
  for (const Label& label : rules_.labels) {
    LabelDays found;
    LocalDay last = LocalDay::min();
    for (LocalDay day : DaysWith(person, label.events, as_of)) {
      if (!InWindow(day, end) || active.count(day) == 0) continue;
      ++found.days;
      last = std::max(last, day);
    }
    found.labeled =
        standing->active_days > 0 &&
        standing->active_days >= rules_.min_active_days &&
        found.days * 100 >= rules_.threshold_percent * standing->active_days;
    if (found.labeled &&
        (found.days > best || (found.days == best && last > best_last))) {
      best = found.days;
      best_last = last;
      standing->top = label.name;
    }
    standing->labels[label.name] = found;
  }
}

// The window ends with `end`; natural units include the one of `end`.
bool Reference::InWindow(LocalDay day, LocalDay end) const {
  if (day > end) return false;
  PeriodUnit unit = rules_.period;
  if (rules_.window.unit == DurationUnit::kDay) unit = PeriodUnit::kDay;
  if (rules_.window.unit == DurationUnit::kWeek) unit = PeriodUnit::kWeek;
  if (rules_.window.unit == DurationUnit::kMonth) unit = PeriodUnit::kMonth;
  return PeriodOf(day, unit) > PeriodOf(end, unit) - rules_.window.count;
}

int32_t Reference::PeriodAt(Instant as_of) const {
  return PeriodOf(rules_.calendar.DayOf(as_of), rules_.period);
}

Instant Reference::EndSeen(int32_t period, Instant as_of) const {
  return std::min(as_of,
                  rules_.calendar.EndOf(LastDayOf(period, rules_.period)));
}

std::optional<int32_t> Reference::FirstPeriod(Instant as_of) const {
  std::optional<int32_t> first;
  for (const auto& [id, person] : people_) {
    if (!Known(person, as_of)) continue;
    const int32_t r = PeriodOf(RegisteredAt(person)->day, rules_.period);
    if (!first || r < *first) first = r;
  }
  return first;
}

std::vector<Flow> Reference::Flows(Instant as_of) const {
  std::vector<Flow> flows;
  const auto first = FirstPeriod(as_of);
  if (!first) return flows;
  for (int32_t period = *first; period <= PeriodAt(as_of); ++period) {
    flows.push_back(FlowOf(period, as_of));
  }
  return flows;
}

Flow Reference::FlowOf(int32_t period, Instant as_of) const {
  const Instant end = EndSeen(period, as_of);
  Flow flow;
  flow.period = period;
  for (const std::string& state : kAllStates) flow.count[state] = 0;
  for (const auto& [id, person] : people_) {
    if (!Known(person, end)) continue;
    const std::string state = State(person, end);
    ++flow.count[state];
    ++flow.total;
    flow.mau += kMau.count(state) != 0;
  }
  flow.old_users = RateOf(kOld, period, as_of);
  flow.new_users = RateOf({"new"}, period, as_of);
  flow.dormant = RateOf({"dormant"}, period, as_of);
  flow.churned = RateOf({"churned"}, period, as_of);
  return flow;
}

// Of those whose state was one of `states` in the period before, how many are
// active in this one.
Rate Reference::RateOf(const std::set<std::string>& states, int32_t period,
                       Instant as_of) const {
  const Instant before = EndSeen(period - 1, as_of);
  Rate rate;
  for (const auto& [id, person] : people_) {
    if (!Known(person, before)) continue;
    if (states.count(State(person, before)) == 0) continue;
    ++rate.whole;
    rate.part += ActiveIn(person, period, EndSeen(period, as_of));
  }
  return rate;
}

Transitions Reference::TransitionsTo(Instant as_of) const {
  Transitions transitions;
  const auto first = FirstPeriod(as_of);
  if (!first) return transitions;
  for (int32_t period = *first; period <= PeriodAt(as_of); ++period) {
    for (const auto& [id, person] : people_) {
      const Instant end = EndSeen(period, as_of);
      if (!Known(person, end)) continue;
      const Instant before = EndSeen(period - 1, as_of);
      const std::string from =
          Known(person, before) ? State(person, before) : "";
      ++transitions[{period, from, State(person, end)}];
    }
  }
  return transitions;
}

std::vector<RetentionCell> Reference::Retention(
    Instant as_of, PeriodUnit unit, const std::set<std::string>& events) const {
  std::map<int32_t, std::vector<const Person*>> cohorts;
  for (const auto& [id, person] : people_) {
    if (!Known(person, as_of)) continue;
    cohorts[PeriodOf(RegisteredAt(person)->day, unit)].push_back(&person);
  }
  std::vector<RetentionCell> cells;
  for (const auto& [cohort, people] : cohorts) {
    for (int32_t n = 0;; ++n) {
      const LocalDay last = LastDayOf(cohort + n, unit);
      if (rules_.calendar.EndOf(last) > as_of) break;  // not yet complete
      RetentionCell cell{cohort, static_cast<int64_t>(people.size()), n, 0};
      for (const Person* person : people) {
        bool active = false;
        for (LocalDay day : DaysWith(*person, events, as_of)) {
          active |= PeriodOf(day, unit) == cohort + n;
        }
        cell.retained += active;
      }
      cells.push_back(cell);
    }
  }
  return cells;
}

}  // namespace rekindle::reference

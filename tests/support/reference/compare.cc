#include "tests/support/reference/compare.h"

#include <fmt/format.h>

#include <bit>
#include <limits>
#include <map>
#include <vector>

#include "config/yaml/document.h"
#include "engine/conditions/condition.h"
#include "engine/flows/active_periods.h"
#include "engine/flows/flows.h"
#include "engine/preferences/preferences.h"

namespace rekindle::reference {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();
constexpr size_t kShown = 5;

// Collects differences; the first few are told.
class Report {
 public:
  template <class A, class B>
  void Equal(const std::string& what, const A& engine, const B& expected) {
    if (engine == expected) return;
    if (++found_ > kShown) return;
    text_ +=
        fmt::format("{}: engine {}, reference {}\n", what, engine, expected);
  }
  std::string text() const {
    if (found_ <= kShown) return text_;
    return text_ + fmt::format("and {} more\n", found_ - kShown);
  }

 private:
  size_t found_ = 0;
  std::string text_;
};

std::string LabelsInWords(const Standing& standing) {
  std::string text =
      fmt::format("active days {} top {}", standing.active_days, standing.top);
  for (const auto& [label, days] : standing.labels) {
    text += fmt::format(" {}:{}{}", label, days.days, days.labeled ? "!" : "");
  }
  return text;
}

std::string InWords(const std::optional<Standing>& standing,
                    const Calendar& calendar) {
  if (!standing) return "unknown";
  return fmt::format(
      "{} inactive {} registered {} last {} at {} {}", standing->state,
      standing->inactive_periods, FormatDay(standing->registered),
      FormatDay(standing->last_active),
      calendar.Format(standing->last_activity), LabelsInWords(*standing));
}

std::optional<Standing> StandingOf(const Snapshot& facts,
                                   const std::string& id) {
  const UserNumber user = facts.users().Find(id);
  if (user == kNoUser || !facts.Known().Contains(user)) return std::nullopt;
  const auto& labels = facts.settings().preferences.labels;
  Standing standing;
  standing.state = StateName(facts.StateOf(user));
  standing.inactive_periods = facts.InactivePeriods(user);
  standing.registered = facts.RegisteredOn(user);
  standing.last_active = facts.LastActiveDay(user);
  standing.last_activity = facts.LastActivity(user);
  standing.active_days =
      facts.DaysOf(user, BehaviorSet::kActivity,
                   PreferenceWindow(facts.users_as_of(), user));
  for (const auto& label : labels) standing.labels[label.name] = {};
  for (const LabelShare& share : facts.LabelsOf(user)) {
    standing.labels[labels[share.label].name] = {share.days, share.labeled};
  }
  if (auto top = facts.TopLabelOf(user)) standing.top = labels[*top].name;
  return standing;
}

// Sets must say of a user what the single questions say.
void CompareSets(const Snapshot& facts, Report& report) {
  uint64_t in_states = 0;
  for (State state : kAllStates) {
    const UserSet users = facts.InState(state, "");
    in_states += users.Count();
    users.ForEach([&](UserNumber user) {
      report.Equal("InState of " + std::string(facts.users().IdOf(user)),
                   StateName(state), StateName(facts.StateOf(user)));
    });
  }
  report.Equal("users in states", in_states, facts.Known().Count());
  for (size_t i = 0; i < facts.settings().preferences.labels.size(); ++i) {
    const UserSet top = facts.TopLabel(i);
    const UserSet labeled = facts.Labeled(i);
    facts.Known().ForEach([&](UserNumber user) {
      const std::string id(facts.users().IdOf(user));
      report.Equal("TopLabel of " + id, top.Contains(user),
                   facts.TopLabelOf(user) == i);
      if (top.Contains(user)) {
        report.Equal("Labeled of " + id, labeled.Contains(user), true);
      }
    });
  }
}

// Ascending, each once; the period of R first.
std::vector<int32_t> ActivePeriods(const Snapshot& facts, UserNumber user,
                                   int32_t registered, PeriodUnit unit) {
  std::vector<int32_t> active = {registered};
  const auto months = facts.masks().Months(BehaviorSet::kActivity);
  if (!months) return active;
  for (int32_t month = months->first; month <= months->second; ++month) {
    uint32_t bits = facts.masks().DayMask(BehaviorSet::kActivity, user, month);
    if (bits == 0) continue;
    const auto period = PeriodsOfDays(month, unit);
    for (; bits != 0; bits &= bits - 1) {
      const int32_t p = period[std::countr_zero(bits)];
      if (p > active.back()) active.push_back(p);
    }
  }
  return active;
}

// The user's state in each period from R to as_of's.
std::map<int32_t, std::string> StatesOf(const Snapshot& facts,
                                        UserNumber user) {
  std::map<int32_t, std::string> states;
  if (facts.StateOf(user) == State::kUnknown) return states;
  const LifecycleSettings& settings = facts.settings().lifecycle;
  const int32_t r = PeriodOf(facts.RegisteredOn(user), settings.period);
  const auto active = ActivePeriods(facts, user, r, settings.period);
  int32_t last_before = r;
  size_t next = 0;
  for (int32_t p = r; p <= facts.period(); ++p) {
    const bool now = next < active.size() && active[next] == p;
    states[p] =
        StateName(StateOf(r, p, now, last_before, settings.churned_after));
    if (!now) continue;
    last_before = p;
    ++next;
  }
  return states;
}

std::string InWords(const FlowRow::Share& share) {
  return fmt::format("{}/{}", share.active, share.size);
}
std::string InWords(const Rate& rate) {
  return fmt::format("{}/{}", rate.part, rate.whole);
}

void CompareRow(const FlowRow& row, const Flow& expected, Report& report) {
  const std::string at = fmt::format("period {} ", row.period);
  report.Equal("period", row.period, expected.period);
  for (State state : kAllStates) {
    const std::string name(StateName(state));
    report.Equal(at + name, row.count[static_cast<size_t>(state)],
                 expected.count.at(name));
  }
  report.Equal(at + "total", row.total, expected.total);
  report.Equal(at + "mau", row.mau, expected.mau);
  report.Equal(at + "old", InWords(row.old_users), InWords(expected.old_users));
  report.Equal(at + "new", InWords(row.new_users), InWords(expected.new_users));
  report.Equal(at + "dormant", InWords(row.dormant), InWords(expected.dormant));
  report.Equal(at + "churned", InWords(row.churned), InWords(expected.churned));
}

std::string InWords(const std::tuple<int32_t, std::string, std::string>& key,
                    int64_t users) {
  return fmt::format("{} {}->{}: {}", std::get<0>(key), std::get<1>(key),
                     std::get<2>(key), users);
}

std::string InWords(const RetentionCell& cell) {
  return fmt::format("cohort {} of {} n {}: {}", cell.cohort, cell.size, cell.n,
                     cell.retained);
}

}  // namespace

std::string CompareUsers(const Snapshot& facts, const Reference& reference) {
  Report report;
  const Calendar& calendar = facts.settings().calendar;
  uint64_t known = 0;
  for (const std::string& id : reference.users()) {
    const auto expected = reference.At(id, facts.as_of());
    known += expected.has_value();
    report.Equal(id, InWords(StandingOf(facts, id), calendar),
                 InWords(expected, calendar));
  }
  report.Equal("known users", facts.Known().Count(), known);
  CompareSets(facts, report);
  return report.text();
}

std::string ComparePreferences(const Snapshot& facts,
                               const Reference& reference) {
  Report report;
  for (const std::string& id : reference.users()) {
    const auto found = StandingOf(facts, id);
    const auto expected = reference.At(id, facts.as_of());
    report.Equal(id, found ? LabelsInWords(*found) : "unknown",
                 expected ? LabelsInWords(*expected) : "unknown");
  }
  CompareSets(facts, report);
  return report.text();
}

std::string CompareHistories(const Snapshot& facts,
                             const Reference& reference) {
  Report report;
  const EngineSettings& settings = facts.settings();
  const PeriodUnit unit = settings.lifecycle.period;
  const int32_t now = facts.period();
  for (const std::string& id : reference.users()) {
    const UserNumber user = facts.users().Find(id);
    if (user == kNoUser) continue;
    std::map<int32_t, std::string> engine = StatesOf(facts, user);
    std::map<int32_t, std::string> expected;
    for (int32_t p = now;; --p) {
      const Instant end =
          std::min(facts.as_of(), settings.calendar.EndOf(LastDayOf(p, unit)));
      const auto state = reference.StateAt(id, end);
      if (!state) break;
      expected[p] = *state;
    }
    report.Equal(id + " periods", engine.size(), expected.size());
    for (const auto& [p, state] : expected) {
      report.Equal(fmt::format("{} in {}", id, PeriodName(p, unit)), engine[p],
                   state);
    }
  }
  return report.text();
}

std::string CompareFlows(const Snapshot& facts, const Reference& reference) {
  Report report;
  const FlowTables tables = ComputeFlows(facts);
  const std::vector<Flow> expected = reference.Flows(facts.as_of());
  report.Equal("flow rows", tables.flows.size(), expected.size());
  for (size_t i = 0; i < std::min(tables.flows.size(), expected.size()); ++i) {
    CompareRow(tables.flows[i], expected[i], report);
  }
  const Transitions transitions = reference.TransitionsTo(facts.as_of());
  report.Equal("transitions", tables.transitions.size(), transitions.size());
  for (const TransitionRow& row : tables.transitions) {
    const std::tuple key{row.period, std::string(StateName(row.from)),
                         std::string(StateName(row.to))};
    const auto found = transitions.find(key);
    report.Equal(
        "transition", InWords(key, row.users),
        found == transitions.end() ? "none" : InWords(key, found->second));
  }
  return report.text();
}

std::string CompareRetention(const Snapshot& facts, const Reference& reference,
                             PeriodUnit unit, BehaviorIndex behavior,
                             const std::set<std::string>& events) {
  Report report;
  const auto rows = ComputeRetention(facts, unit, behavior);
  const auto expected = reference.Retention(facts.as_of(), unit, events);
  report.Equal("retention cells", rows.size(), expected.size());
  for (size_t i = 0; i < std::min(rows.size(), expected.size()); ++i) {
    const RetentionRow& row = rows[i];
    report.Equal("cell", InWords({row.cohort, row.size, row.n, row.retained}),
                 InWords(expected[i]));
  }
  return report.text();
}

std::string ComparePresence(const Snapshot& facts, const Reference& reference,
                            BehaviorIndex behavior,
                            const std::set<std::string>& events,
                            const DayRange& range) {
  Report report;
  const Instant from = facts.settings().calendar.StartOf(range.first);
  const UserSet none = facts.DaysPresent(behavior, range, 0, 0);
  const UserSet several = facts.DaysPresent(behavior, range, 2, kMost);
  const UserSet ever = facts.DaysPresent(behavior, std::nullopt, 1, kMost);
  const EventTallies tallies =
      facts.TallyEvents(facts.Known(), {.behavior = behavior, .from = from});
  for (const std::string& id : reference.users()) {
    const UserNumber user = facts.users().Find(id);
    if (user == kNoUser || !facts.Known().Contains(user)) continue;
    const std::set<LocalDay> all =
        reference.DaysWith(id, events, facts.as_of());
    int days = 0;
    for (LocalDay day : all) days += day >= range.first && day <= range.last;
    const int count = reference.EventsWith(id, events, from, facts.as_of());
    report.Equal(id + " DaysOf", facts.DaysOf(user, behavior, range), days);
    report.Equal(id + " no day", none.Contains(user), days == 0);
    report.Equal(id + " two days", several.Contains(user), days >= 2);
    report.Equal(id + " ever", ever.Contains(user), !all.empty());
    const auto tally = tallies.find(user);
    report.Equal(id + " events",
                 tally == tallies.end() ? 0 : tally->second.at(0).events,
                 count);
    const auto last = facts.LastDayOf(user, behavior);
    report.Equal(id + " LastDayOf", last ? FormatDay(*last) : "never",
                 all.empty() ? "never" : FormatDay(*all.rbegin()));
    report.Equal(id + " LastActive",
                 facts.LastActive(range.first, range.last).Contains(user),
                 facts.LastActiveDay(user) >= range.first &&
                     facts.LastActiveDay(user) <= range.last);
  }
  return report.text();
}

std::string CompareCondition(const Snapshot& facts, const Reference& reference,
                             const AskedCondition& asked) {
  Report report;
  yaml::Diagnostics d;
  const auto node = yaml::Parse("asked.yaml", asked.yaml, d);
  const auto condition =
      ParseCondition(*node, VocabularyOf(facts.settings()), d, "when");
  if (!condition) return d.Render();
  const UserSet selected = condition->Select(facts);
  UserSet some;  // every second
  facts.Known().ForEach([&](UserNumber user) {
    if (user % 2 == 0) some.Add(user);
  });
  const UserSet among = condition->SelectAmong(facts, some);
  for (const std::string& id : reference.users()) {
    const UserNumber user = facts.users().Find(id);
    if (user == kNoUser || !facts.Known().Contains(user)) continue;
    const bool expected =
        asked.holds(reference.ActsOf(id, facts.as_of()), facts.as_of());
    const Finding finding = condition->Explain(facts, user);
    const std::string what = id + " " + asked.yaml;
    report.Equal(what + " set", selected.Contains(user), expected);
    report.Equal(what + " explained (" + finding.actual.English() + ")",
                 finding.holds, expected);
    report.Equal(what + " among some", among.Contains(user),
                 expected && some.Contains(user));
  }
  return report.text();
}

std::string CheckIdentities(const Snapshot& facts) {
  Report report;
  const FlowTables tables = ComputeFlows(facts);
  for (const FlowRow& row : tables.flows) {
    const std::string at = fmt::format("period {} ", row.period);
    int64_t sum = 0;
    for (State state : kAllStates) sum += row.count[static_cast<size_t>(state)];
    report.Equal(at + "seven counts", sum, row.total);
    report.Equal(at + "five terms",
                 row.count[static_cast<size_t>(State::kNew)] +
                     row.old_users.active + row.new_users.active +
                     row.dormant.active + row.churned.active,
                 row.mau);
  }
  if (!tables.flows.empty()) {
    report.Equal("all known", static_cast<uint64_t>(tables.flows.back().total),
                 facts.Known().Count());
  }
  return report.text();
}

}  // namespace rekindle::reference

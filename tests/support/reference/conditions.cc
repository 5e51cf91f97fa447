#include "tests/support/reference/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace rekindle::reference {
namespace {

using std::chrono::days;

struct NamedBehavior {
  const char* name;
  std::set<std::string> events;
};

const NamedBehavior kBehaviors[] = {{"busy", {"open", "drive"}},
                                    {"open", {"open"}},
                                    {"drive", {"drive"}},
                                    {"wares", {"shop", "read"}}};

struct Deed {
  NamedBehavior behavior;
  std::optional<Duration> within;
  std::optional<NamedBehavior> since;
  std::optional<int> times_from, times_to, days_from, row, cents_from;
  std::string item;  // where item is
  bool same_item = false;
};

bool Does(const NamedBehavior& behavior, const Act& act) {
  return behavior.events.count(act.event) != 0;
}

bool InTime(const std::optional<Duration>& within, const Act& act,
            Instant as_of, const Rules& rules) {
  if (!within) return true;
  if (within->unit == DurationUnit::kHour) {
    return act.when.at >= as_of - std::chrono::hours(within->count);
  }
  PeriodUnit unit = rules.period;
  if (within->unit == DurationUnit::kDay) unit = PeriodUnit::kDay;
  if (within->unit == DurationUnit::kWeek) unit = PeriodUnit::kWeek;
  if (within->unit == DurationUnit::kMonth) unit = PeriodUnit::kMonth;
  const LocalDay today = rules.calendar.DayOf(as_of);
  return PeriodOf(act.when.day, unit) > PeriodOf(today, unit) - within->count;
}

std::string Property(const Act& act, const std::string& name) {
  const auto found = act.properties.find(name);
  return found == act.properties.end() ? "" : found->second;
}

// After every act of `since`, of which there is one.
bool IsSince(const Act& act, const NamedBehavior& since,
             const std::vector<Act>& acts) {
  bool any = false;
  for (const Act& other : acts) {
    if (!Does(since, other)) continue;
    any = true;
    if (other.when.at >= act.when.at) return false;
  }
  return any;
}

int64_t CentsOf(const Act& act) {
  const std::string amount = Property(act, "amount");
  return amount.empty() ? 0 : std::llround(std::stod(amount) * 100);
}

int LongestRowOf(const std::set<LocalDay>& on) {
  int longest = 0;
  for (LocalDay day : on) {
    int row = 0;
    while (on.count(day + days(row)) != 0) ++row;
    longest = std::max(longest, row);
  }
  return longest;
}

bool Enough(const Deed& deed, const std::vector<Act>& acts) {
  std::set<LocalDay> on;
  int64_t cents = 0;
  for (const Act& act : acts) {
    on.insert(act.when.day);
    cents += CentsOf(act);
  }
  const int times = static_cast<int>(acts.size());
  if (deed.times_from && times < *deed.times_from) return false;
  if (deed.times_to && times > *deed.times_to) return false;
  if (deed.days_from && static_cast<int>(on.size()) < *deed.days_from) {
    return false;
  }
  if (deed.row && LongestRowOf(on) < *deed.row) return false;
  if (deed.cents_from && cents < *deed.cents_from) return false;
  const bool counts = deed.times_from || deed.times_to || deed.days_from ||
                      deed.row || deed.cents_from;
  return counts || times > 0;
}

bool WasDone(const Deed& deed, const std::vector<Act>& acts, Instant as_of,
             const Rules& rules) {
  std::map<std::string, std::vector<Act>> groups;
  if (!deed.same_item) groups[""] = {};
  for (const Act& act : acts) {
    if (!Does(deed.behavior, act)) continue;
    if (!InTime(deed.within, act, as_of, rules)) continue;
    if (deed.since && !IsSince(act, *deed.since, acts)) continue;
    const std::string item = Property(act, "item");
    if (!deed.item.empty() && item != deed.item) continue;
    if (deed.same_item && item.empty()) continue;
    groups[deed.same_item ? item : ""].push_back(act);
  }
  return std::any_of(groups.begin(), groups.end(), [&](const auto& group) {
    return Enough(deed, group.second);
  });
}

std::string Yaml(const Deed& deed) {
  std::string text = fmt::format("{{behavior: {}", deed.behavior.name);
  if (deed.within) text += ", within: " + FormatDuration(*deed.within);
  if (deed.since) text += fmt::format(", since: {}", deed.since->name);
  if (deed.times_from && deed.times_to) {
    text += fmt::format(", times: {{gte: {}, lte: {}}}", *deed.times_from,
                        *deed.times_to);
  } else if (deed.times_from) {
    text += fmt::format(", times: {{gte: {}}}", *deed.times_from);
  } else if (deed.times_to) {
    text += fmt::format(", times: {{lt: {}}}", *deed.times_to + 1);
  }
  if (deed.days_from)
    text += fmt::format(", days: {{gte: {}}}", *deed.days_from);
  if (deed.row) text += fmt::format(", in_a_row: {} days", *deed.row);
  if (!deed.item.empty()) text += ", where: {item: " + deed.item + "}";
  if (deed.same_item) text += ", same: item";
  if (deed.cents_from) {
    text += fmt::format(", total: {{property: amount, gte: {}.{:02}}}",
                        *deed.cents_from / 100, *deed.cents_from % 100);
  }
  return text + "}";
}

class Maker {
 public:
  Maker(const Rules& rules, std::mt19937_64& random)
      : rules_(rules), random_(random) {}

  AskedCondition Make() {
    switch (Below(6)) {
      case 0:
        return MakeBreadth();
      case 1:
        return MakeDrop();
      default:
        return MakeDid();
    }
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % n); }
  bool Chance(int percent) { return Below(100) < percent; }
  NamedBehavior Behavior() { return kBehaviors[Below(4)]; }

  std::optional<Duration> Within() {
    constexpr std::pair<DurationUnit, int> kUnits[] = {
        {DurationUnit::kDay, 40},
        {DurationUnit::kWeek, 6},
        {DurationUnit::kMonth, 4},
        {DurationUnit::kPeriod, 4},
        {DurationUnit::kHour, 90}};
    if (Chance(25)) return std::nullopt;
    const auto [unit, most] = kUnits[Below(5)];
    return Duration{1 + Below(most), unit};
  }

  Deed MakeDeed() {
    Deed deed{Behavior(), Within(), {}, {}, {}, {}, {}, {}, "", false};
    const bool rolls = deed.within && deed.within->unit == DurationUnit::kHour;
    if (Chance(30)) deed.since = Behavior();
    if (Chance(30)) deed.times_from = 1 + Below(5);
    if (Chance(20)) deed.times_to = deed.times_from.value_or(0) + Below(4);
    if (!rolls && Chance(25)) deed.days_from = 1 + Below(4);
    if (!rolls && Chance(25)) deed.row = 1 + Below(4);
    if (Chance(25)) deed.cents_from = 1 + Below(6000);
    if (Chance(25))
      deed.item = std::string(1, static_cast<char>('a' + Below(3)));
    const bool floor =
        deed.times_from || deed.days_from || deed.row || deed.cents_from;
    if (floor && Chance(40)) deed.same_item = true;
    return deed;
  }

  AskedCondition MakeDid() {
    const Deed deed = MakeDeed();
    const bool negated = Chance(25);
    return {fmt::format("{{{}: {}}}", negated ? "did_not" : "did", Yaml(deed)),
            [deed, negated, rules = rules_](const std::vector<Act>& acts,
                                            Instant as_of) {
              return WasDone(deed, acts, as_of, rules) != negated;
            }};
  }

  AskedCondition MakeBreadth() {
    const auto within = Within();
    const int least = 1 + Below(4);
    std::string text =
        "{breadth: {behaviors: [busy, open, drive, wares], gte: " +
        std::to_string(least);
    if (within) text += ", within: " + FormatDuration(*within);
    return {text + "}}", [within, least, rules = rules_](
                             const std::vector<Act>& acts, Instant as_of) {
              int done = 0;
              for (const NamedBehavior& behavior : kBehaviors) {
                Deed deed{behavior, within, {}, {}, {}, {}, {}, {}, "", false};
                done += WasDone(deed, acts, as_of, rules);
              }
              return done >= least;
            }};
  }

  AskedCondition MakeDrop() {
    const NamedBehavior behavior = Behavior();
    const int length = 1 + Below(40);
    const int percent = 1 + Below(100);
    return {fmt::format("{{drop: {{behavior: {}, within: {} days, by: {}%}}}}",
                        behavior.name, length, percent),
            [behavior, length, percent, rules = rules_](
                const std::vector<Act>& acts, Instant as_of) {
              const LocalDay today = rules.calendar.DayOf(as_of);
              std::set<LocalDay> now, before;
              for (const Act& act : acts) {
                if (!Does(behavior, act)) continue;
                const auto ago = (today - act.when.day).count();
                if (ago < length) now.insert(act.when.day);
                if (ago >= length && ago < 2 * length)
                  before.insert(act.when.day);
              }
              return !before.empty() &&
                     100 * now.size() <= (100 - percent) * before.size();
            }};
  }

  const Rules& rules_;
  std::mt19937_64& random_;
};

}  // namespace

AskedCondition RandomCondition(const Rules& rules, std::mt19937_64& random) {
  return Maker(rules, random).Make();
}

}  // namespace rekindle::reference

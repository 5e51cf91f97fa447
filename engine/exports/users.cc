// The team's monthly user table: who everyone is and what they do.
#include <algorithm>
#include <cmath>
#include <set>

#include "config/base/words.h"
#include "engine/exports/last_pages.h"
#include "engine/exports/tables.h"
#include "engine/preferences/preferences.h"

namespace rekindle {
namespace {

constexpr size_t kTopBehaviors = 3;

struct BehaviorDays {
  std::string name;
  BehaviorIndex behavior;
  int days = 0;
};

std::string Labels(const Snapshot& facts, UserNumber user) {
  std::vector<std::string> names;
  for (const LabelShare& share : facts.LabelsOf(user)) {
    if (!share.labeled) continue;
    names.push_back(facts.settings().preferences.labels[share.label].name);
  }
  return Join(names, ";");
}

// Days of each named behavior over the user's preference window.
std::vector<BehaviorDays> DaysOfAll(const Snapshot& facts, UserNumber user) {
  const BehaviorSet& behaviors = facts.settings().behaviors;
  const DayRange window = PreferenceWindow(facts.users_as_of(), user);
  std::vector<BehaviorDays> all;
  for (const std::string& name : behaviors.names()) {
    const BehaviorIndex behavior = *behaviors.Find(name);
    all.push_back({name, behavior, facts.DaysOf(user, behavior, window)});
  }
  return all;
}

// The behaviors of the most days, besides activity itself; ties in file order.
std::string TopBehaviors(std::vector<BehaviorDays> all) {
  std::erase_if(all, [](const BehaviorDays& b) {
    return b.days == 0 || b.behavior == BehaviorSet::kActivity;
  });
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.days > b.days;
  });
  if (all.size() > kTopBehaviors) all.resize(kTopBehaviors);
  std::vector<std::string> names;
  for (const BehaviorDays& b : all) names.push_back(b.name);
  return Join(names, ";");
}

// A whole number stays one; any other value is written as people read it, for
// a column of fractions would round it to six decimals.
Cell ProfileCell(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (const bool* flag = std::get_if<bool>(&value)) return *flag;
  const double* number = std::get_if<double>(&value);
  if (number != nullptr && *number == std::floor(*number) &&
      std::abs(*number) < 1e15) {
    return static_cast<int64_t>(*number);
  }
  return ValueText(value);
}

std::vector<std::string> Columns(const BehaviorSet& behaviors,
                                 const std::vector<std::string>& keys) {
  std::vector<std::string> columns = {
      "user_id",         "state",  "substate",  "inactive_periods",
      "last_active_day", "labels", "last_page", "top_behaviors"};
  for (const std::string& name : behaviors.names()) {
    columns.push_back(name + "_days");
  }
  // A profile may have a key of the same name ("state", of an address).
  const std::set<std::string> taken(columns.begin(), columns.end());
  for (const std::string& key : keys) {
    columns.push_back(taken.count(key) != 0 ? "profile." + key : key);
  }
  return columns;
}

}  // namespace

Status WriteUsers(const Snapshot& facts, const ExportOptions&, RowSink& sink) {
  const std::vector<std::string> keys = facts.users().ProfileKeys();
  const std::vector<std::string> pages = LastPages(facts);
  sink.Header(Columns(facts.settings().behaviors, keys));
  for (UserNumber user : KnownById(facts)) {
    const std::vector<BehaviorDays> days = DaysOfAll(facts, user);
    std::vector<Cell> cells = {std::string(facts.users().IdOf(user)),
                               std::string(StateName(facts.StateOf(user))),
                               facts.SubstateOf(user),
                               int64_t{facts.InactivePeriods(user)},
                               FormatDay(facts.LastActiveDay(user)),
                               Labels(facts, user),
                               pages[user],
                               TopBehaviors(days)};
    for (const BehaviorDays& b : days) cells.emplace_back(int64_t{b.days});
    for (const std::string& key : keys) {
      cells.push_back(ProfileCell(facts.users().ProfileValue(user, key)));
    }
    sink.Row(cells);
  }
  return {};
}

}  // namespace rekindle

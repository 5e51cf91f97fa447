// Facts over a handful of users, each primitive spelled out naively: for tests
// of what is built on Facts.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/conditions/condition.h"
#include "engine/conditions/facts.h"
#include "engine/model/settings.h"

namespace rekindle::testing {

struct FakeUser {
  bool known = true;
  LocalDay registered{};
  std::map<BehaviorIndex, std::vector<Instant>> events;
  // JSON objects, of the events that have any.
  std::map<BehaviorIndex, std::map<Instant, std::string>> properties;
  std::vector<PlannedTouch> touches;
  std::map<std::string, Value> profile;
  std::set<std::string> tags;
  State state = State::kActive;
  std::string substate;
  std::vector<LabelShare> labels;
  std::optional<size_t> top;
};

class FakeFacts : public Facts {
 public:
  EngineSettings configured;
  Instant now{};
  std::vector<FakeUser> users;
  // Raw events before it are pruned: their days are known, they are not.
  Instant kept_from = FromMillis(0);
  // Candidates of each TallyEvents so far.
  mutable std::vector<std::vector<UserNumber>> reads;

  const EngineSettings& settings() const override { return configured; }
  Instant as_of() const override { return now; }
  LocalDay today() const override { return configured.calendar.DayOf(now); }
  bool exact() const override { return true; }
  std::optional<Instant> EventsGoneUntil() const override {
    if (kept_from == FromMillis(0)) return std::nullopt;
    return kept_from - std::chrono::milliseconds(1);
  }

  const UserSet& Known() const override {
    known_ = Where([](UserNumber) { return true; });
    return known_;
  }
  UserSet InState(State state, std::string_view substate) const override {
    return Where([&](UserNumber user) {
      return users[user].state == state &&
             (substate.empty() || users[user].substate == substate);
    });
  }
  UserSet LastActive(std::optional<LocalDay> first,
                     std::optional<LocalDay> last) const override {
    return Where([&](UserNumber user) {
      const LocalDay day = LastActiveDay(user);
      return (!first || day >= *first) && (!last || day <= *last);
    });
  }
  UserSet DaysPresent(BehaviorIndex behavior, std::optional<DayRange> range,
                      int at_least, int at_most) const override {
    return Where([&](UserNumber user) {
      const int days = DaysOf(user, behavior, range);
      return days >= at_least && days <= at_most;
    });
  }
  UserSet DaysInARow(BehaviorIndex behavior, std::optional<DayRange> range,
                     int days) const override {
    return Where([&](UserNumber user) {
      for (LocalDay first : DayListOf(user, behavior, range)) {
        const DayRange row{first, first + std::chrono::days(days - 1)};
        if (range && row.last > range->last) continue;
        if (DaysOf(user, behavior, row) == days) return true;
      }
      return false;
    });
  }
  UserSet Dropped(const DropQuestion& question) const override {
    return Where([&](UserNumber user) {
      return question.Holds(DaysOf(user, question.behavior, question.now),
                            DaysOf(user, question.behavior, question.before));
    });
  }
  UserSet Labeled(size_t label) const override {
    return Where([&](UserNumber user) {
      const auto& labels = users[user].labels;
      return std::any_of(labels.begin(), labels.end(),
                         [label](const LabelShare& share) {
                           return share.label == label && share.labeled;
                         });
    });
  }
  UserSet TopLabel(size_t label) const override {
    return Where([&](UserNumber user) { return users[user].top == label; });
  }
  UserSet WithProfile(const std::string& key,
                      const ValueTest& test) const override {
    return Where(
        [&](UserNumber user) { return test.Holds(ProfileOf(user, key)); });
  }
  UserSet Tagged(const std::string& tag) const override {
    return Where([&](UserNumber user) { return HasTag(user, tag); });
  }
  const UserSet& InSegment(size_t segment) const override {
    return segments_[segment] =
               configured.segments[segment].condition->Select(*this);
  }
  UserSet Touched(const TouchQuestion& question) const override {
    return Where([&](UserNumber user) {
      return LastTouchOf(user, question).has_value();
    });
  }
  EventTallies TallyEvents(const UserSet& candidates,
                           const EventQuestion& question) const override {
    reads.push_back(candidates.ToList());
    EventTallies tallies;
    candidates.ForEach([&](UserNumber user) {
      if (!users[user].known) return;
      auto found = TalliesOf(user, question);
      if (!found.empty()) tallies[user] = std::move(found);
    });
    return tallies;
  }

  State StateOf(UserNumber user) const override { return users[user].state; }
  std::string SubstateOf(UserNumber user) const override {
    return users[user].substate;
  }
  int InactivePeriods(UserNumber user) const override {
    const PeriodUnit unit = configured.lifecycle.period;
    return PeriodOf(today(), unit) - PeriodOf(LastActiveDay(user), unit);
  }
  LocalDay LastActiveDay(UserNumber user) const override {
    const auto last = LastDayOf(user, BehaviorSet::kActivity);
    return last ? std::max(*last, users[user].registered)
                : users[user].registered;
  }
  Instant LastActivity(UserNumber user) const override {
    return configured.calendar.StartOf(LastActiveDay(user));
  }
  LocalDay RegisteredOn(UserNumber user) const override {
    return users[user].registered;
  }
  int DaysOf(UserNumber user, BehaviorIndex behavior,
             std::optional<DayRange> range) const override {
    std::set<LocalDay> days = DaysOn(user, behavior);
    return static_cast<int>(
        std::count_if(days.begin(), days.end(), [&](LocalDay day) {
          return !range || (range->first <= day && day <= range->last);
        }));
  }
  std::vector<LocalDay> DayListOf(
      UserNumber user, BehaviorIndex behavior,
      std::optional<DayRange> range) const override {
    std::vector<LocalDay> days;
    for (LocalDay day : DaysOn(user, behavior)) {
      if (!range || (range->first <= day && day <= range->last)) {
        days.push_back(day);
      }
    }
    return days;
  }
  std::optional<LocalDay> LastDayOf(UserNumber user,
                                    BehaviorIndex behavior) const override {
    const std::set<LocalDay> days = DaysOn(user, behavior);
    if (days.empty()) return std::nullopt;
    return *days.rbegin();
  }
  std::optional<PlannedTouch> LastTouchOf(
      UserNumber user, const TouchQuestion& question) const override {
    const auto any_or = [](const auto& wanted, const auto& value) {
      return wanted.empty() ||
             std::find(wanted.begin(), wanted.end(), value) != wanted.end();
    };
    std::optional<PlannedTouch> last;
    for (const PlannedTouch& touch : users[user].touches) {
      if (touch.planned_at >= now) continue;
      if (question.from && touch.planned_at < *question.from) continue;
      if (!any_or(question.rules, touch.rule_id)) continue;
      if (!any_or(question.channels, touch.channel)) continue;
      if (!any_or(question.states, touch.state)) continue;
      if (!last || touch.planned_at >= last->planned_at) last = touch;
    }
    return last;
  }
  Value ProfileOf(UserNumber user, const std::string& key) const override {
    const auto found = users[user].profile.find(key);
    return found == users[user].profile.end() ? Value() : found->second;
  }
  bool HasTag(UserNumber user, const std::string& tag) const override {
    return users[user].tags.contains(tag);
  }
  std::vector<LabelShare> LabelsOf(UserNumber user) const override {
    return users[user].labels;
  }
  std::optional<size_t> TopLabelOf(UserNumber user) const override {
    return users[user].top;
  }

 private:
  // An event; those whose raw form is gone are known by their day.
  struct Told {
    Instant at;
    LocalDay day;
    bool gone = false;
    std::string json;
  };
  std::vector<Told> ToldOf(UserNumber user, BehaviorIndex behavior) const {
    std::vector<Told> told;
    for (LocalDay day : DaysOn(user, behavior)) {
      bool kept = false;
      for (Instant at : EventsUpTo(user, behavior)) {
        if (configured.calendar.DayOf(at) != day || at < kept_from) continue;
        kept = true;
        std::string json;
        const auto found = users[user].properties.find(behavior);
        if (found != users[user].properties.end()) {
          const auto one = found->second.find(at);
          if (one != found->second.end()) json = one->second;
        }
        told.push_back({at, day, false, json});
      }
      if (!kept) told.push_back({configured.calendar.StartOf(day), day, true});
    }
    return told;
  }
  bool IsAsked(const Told& one, const EventQuestion& q, UserNumber user) const {
    if (q.days && (one.day < q.days->first || one.day > q.days->last)) {
      return false;
    }
    if (one.gone && (q.from || q.AsksProperties())) return false;
    if (q.from && one.at < *q.from) return false;
    if (!PropertiesPass(q.where, one.json)) return false;
    if (!q.since) return true;
    const std::vector<Told> since = ToldOf(user, *q.since);
    return !since.empty() &&
           std::all_of(since.begin(), since.end(), [&](const Told& s) {
             return s.gone || one.gone ? one.day > s.day : one.at > s.at;
           });
  }
  std::vector<EventTally> TalliesOf(UserNumber user,
                                    const EventQuestion& q) const {
    std::map<std::string, EventTally> tallies;
    for (const Told& one : ToldOf(user, q.behavior)) {
      if (!IsAsked(one, q, user)) continue;
      const std::string value =
          q.same.empty() ? "" : ValueText(PropertyOf(one.json, q.same));
      if (!q.same.empty() && value.empty()) continue;
      EventTally& tally = tallies[value];
      tally.value = value;
      ++tally.events;
      if (tally.days.empty() || tally.days.back() != one.day) {
        tally.days.push_back(one.day);
      }
      if (!q.total.empty()) {
        tally.total += NumberOf(PropertyOf(one.json, q.total)).value_or(0);
      }
    }
    std::vector<EventTally> all;
    for (auto& [value, tally] : tallies) {
      tally.total = std::round(tally.total * 1e6) / 1e6;
      all.push_back(tally);
    }
    return all;
  }

  template <class Test>
  UserSet Where(Test&& test) const {
    UserSet set(static_cast<uint32_t>(users.size()));
    for (UserNumber user = 0; user < users.size(); ++user) {
      if (users[user].known && test(user)) set.Add(user);
    }
    return set;
  }
  std::vector<Instant> EventsUpTo(UserNumber user,
                                  BehaviorIndex behavior) const {
    std::vector<Instant> events;
    const auto found = users[user].events.find(behavior);
    if (found == users[user].events.end()) return events;
    for (Instant at : found->second) {
      if (at <= now) events.push_back(at);
    }
    return events;
  }
  std::set<LocalDay> DaysOn(UserNumber user, BehaviorIndex behavior) const {
    std::set<LocalDay> days;
    for (Instant at : EventsUpTo(user, behavior)) {
      days.insert(configured.calendar.DayOf(at));
    }
    return days;
  }

  mutable UserSet known_;
  mutable std::map<size_t, UserSet> segments_;
};

}  // namespace rekindle::testing

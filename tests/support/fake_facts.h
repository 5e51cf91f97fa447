// Facts over a handful of users, each primitive spelled out naively: for tests
// of what is built on Facts.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/audience/condition.h"
#include "engine/audience/facts.h"
#include "engine/settings.h"

namespace rekindle::testing {

struct FakeUser {
  bool known = true;
  LocalDay registered{};
  std::map<BehaviorIndex, std::vector<Instant>> events;
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
  // Candidates of each EventsPresent so far.
  mutable std::vector<std::vector<UserNumber>> reads;

  const EngineSettings& settings() const override { return configured; }
  Instant as_of() const override { return now; }
  LocalDay today() const override { return configured.calendar.DayOf(now); }
  bool exact() const override { return true; }

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
  UserSet EventsPresent(const UserSet& candidates, BehaviorIndex behavior,
                        std::optional<Instant> from, int at_least,
                        int at_most) const override {
    reads.push_back(candidates.ToList());
    return Where([&](UserNumber user) {
      const int events = EventsOf(user, behavior, from);
      return candidates.Contains(user) && events >= at_least &&
             events <= at_most;
    });
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
  std::optional<LocalDay> LastDayOf(UserNumber user,
                                    BehaviorIndex behavior) const override {
    const std::set<LocalDay> days = DaysOn(user, behavior);
    if (days.empty()) return std::nullopt;
    return *days.rbegin();
  }
  int EventsOf(UserNumber user, BehaviorIndex behavior,
               std::optional<Instant> from) const override {
    const std::vector<Instant> events = EventsUpTo(user, behavior);
    return static_cast<int>(std::count_if(
        events.begin(), events.end(),
        [&](Instant at) { return at >= kept_from && (!from || at >= *from); }));
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

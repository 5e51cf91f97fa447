// did: {behavior: trip, within: 30 days, days: {gte: 3}}
// did: {behavior: trip, in_a_row: 5 days}
// did: {behavior: shop_view, within: 7 days, same: item, times: {gte: 3}}
// did: {behavior: order_paid, where: {kind: part}, total: {property: amount,
//       gte: 500}}
// did_not: {behavior: order_paid, since: cart_add}
//
// `days` counts local days, `times` counts events, `total` adds a property up;
// all count from 0, so that `times: {lt: 3}` holds for those who never did it.
// Without any, once is enough. `since` counts what came after the user's last
// event of another behavior; where there was none, nothing did. `did_not` is
// the rest of those who are known.
//
// Days stand in the columns; events are read raw, and only for those whose
// days leave it open: who did it on five days did it at least five times.
#include <fmt/format.h>

#include <algorithm>

#include "engine/conditions/deed.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

class Did : public Comparison {
 public:
  Did(Deed deed, bool negated) : deed_(std::move(deed)), negated_(negated) {}

  UserSet Select(const Facts& facts) const override {
    return SelectAmong(facts, facts.Known());
  }

  UserSet SelectAmong(const Facts& facts, const UserSet& among) const override {
    UserSet doers = Doers(facts, among);
    return negated_ ? among - doers : doers;
  }

  // What the columns answer takes part in a plan; the rest is worked out whole.
  SetPlan::Term Plan(Terms& terms) const override {
    if (ReadsEvents()) return Condition::Plan(terms);
    const auto range = deed_.QuestionAt(terms.facts()).days;
    const auto [at_least, at_most] = DaysWanted();
    SetPlan::Term doers =
        deed_.days || !deed_.in_a_row
            ? terms.DaysPresent(deed_.behavior, range, at_least, at_most)
            : terms.Known();
    if (deed_.in_a_row) {
      doers = terms.And(
          doers, terms.DaysInARow(deed_.behavior, range, *deed_.in_a_row));
    }
    return negated_ ? terms.Minus(terms.Known(), doers) : doers;
  }

  bool ReadsEvents() const override { return deed_.ReadsEvents(); }

  void Collect(ConditionUses* uses) const override {
    uses->behaviors.insert(deed_.behavior);
    if (deed_.since) uses->behaviors.insert(*deed_.since);
  }

 protected:
  Finding Wanted() const override {
    if (!negated_) return {"did", deed_.Describe()};
    return {"did_not", Phrase("not: {}", deed_.Describe())};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const EventQuestion question = deed_.QuestionAt(facts);
    std::vector<EventTally> tallies;
    if (!deed_.ReadsEvents()) {
      tallies = {ByDays(facts, user, question)};
    } else {
      UserSet one;
      one.Add(user);
      auto found = facts.TallyEvents(one, question);
      if (found.contains(user)) tallies = std::move(found[user]);
    }
    const auto holds =
        std::find_if(tallies.begin(), tallies.end(),
                     [&](const EventTally& t) { return deed_.Holds(t); });
    const bool done =
        holds != tallies.end() || (tallies.empty() && deed_.HoldsForNone());
    const auto most = std::max_element(
        tallies.begin(), tallies.end(),
        [](const auto& a, const auto& b) { return a.events < b.events; });
    const auto shown = holds != tallies.end() ? holds : most;
    finding.actual = Actual(facts, user, question,
                            shown == tallies.end() ? EventTally() : *shown);
    finding.holds = done != negated_;
    return finding;
  }

 private:
  static EventTally ByDays(const Facts& facts, UserNumber user,
                           const EventQuestion& question) {
    EventTally tally;
    tally.days = facts.DayListOf(user, question.behavior, question.days);
    tally.events = static_cast<int>(tally.days.size());
    return tally;
  }

  // Where days alone decide.
  CountRange DaysWanted() const {
    return deed_.days.value_or(CountRange{1, kMany});
  }

  // The days on which something must have happened at all, in local days.
  std::optional<DayRange> DaysOf(const Facts& facts,
                                 const EventQuestion& question) const {
    if (!question.from) return question.days;
    return DayRange{facts.settings().calendar.DayOf(*question.from),
                    facts.today()};
  }

  UserSet Doers(const Facts& facts, const UserSet& among) const {
    const EventQuestion question = deed_.QuestionAt(facts);
    const auto range = DaysOf(facts, question);
    const auto on_days = [&](int at_least, int at_most) {
      return facts.DaysPresent(deed_.behavior, range, at_least, at_most);
    };
    if (!deed_.ReadsEvents()) return among & ByColumns(facts, range);
    // What the columns leave over: a filter can only lower the count of days.
    const int floor = deed_.days ? std::max(deed_.days->at_least, 1) : 1;
    UserSet open = among & on_days(floor, kMany);
    if (deed_.in_a_row) {
      open &= facts.DaysInARow(deed_.behavior, range, *deed_.in_a_row);
    }
    UserSet doers;
    if (deed_.HoldsForNone()) doers = among - (among & on_days(1, kMany));
    if (deed_.since) {
      // Those without it did nothing since.
      const UserSet since =
          facts.DaysPresent(*deed_.since, std::nullopt, 1, kMany);
      if (deed_.HoldsForNone()) doers |= among - since;
      open &= since;
    }
    if (DaysDecide()) {
      open -= doers;
      doers |= TakeSure(facts, range, &open);
    }
    return doers | Tallied(facts, open, question);
  }

  UserSet ByColumns(const Facts& facts,
                    const std::optional<DayRange>& range) const {
    UserSet users = facts.Known();
    if (deed_.days || !deed_.in_a_row) {
      const auto [at_least, at_most] = DaysWanted();
      users &= facts.DaysPresent(deed_.behavior, range, at_least, at_most);
    }
    if (deed_.in_a_row) {
      users &= facts.DaysInARow(deed_.behavior, range, *deed_.in_a_row);
    }
    return users;
  }

  // Whether days alone may decide about `times`.
  bool DaysDecide() const {
    return deed_.times && !deed_.since && !deed_.rolls() &&
           !deed_.ReadsProperties();
  }

  // Takes those out of `open` about whom their days say enough: on so many
  // days is at least so many times. Gives those who did.
  UserSet TakeSure(const Facts& facts, const std::optional<DayRange>& range,
                   UserSet* open) const {
    if (deed_.days) {
      *open &= facts.DaysPresent(deed_.behavior, range, deed_.days->at_least,
                                 deed_.days->at_most);
    }
    const auto [at_least, at_most] = *deed_.times;
    if (at_most != kMany) {
      *open &= facts.DaysPresent(deed_.behavior, range, 0, at_most);
      return UserSet();
    }
    const UserSet sure =
        *open &
        facts.DaysPresent(deed_.behavior, range, std::max(at_least, 1), kMany);
    *open -= sure;
    return sure;
  }

  // Of those, the ones whose raw events say so; they have days with it.
  UserSet Tallied(const Facts& facts, const UserSet& candidates,
                  const EventQuestion& question) const {
    UserSet doers(candidates.universe());
    if (candidates.Empty()) return doers;
    const EventTallies tallies = facts.TallyEvents(candidates, question);
    const bool none_holds = deed_.HoldsForNone();
    candidates.ForEach([&](UserNumber user) {
      const auto found = tallies.find(user);
      const bool holds =
          found == tallies.end()
              ? none_holds
              : std::any_of(found->second.begin(), found->second.end(),
                            [&](const auto& t) { return deed_.Holds(t); });
      if (holds) doers.Add(user);
    });
    return doers;
  }

  // "on 3 days, 7 times (last on 2026-02-03)"
  Phrase Actual(const Facts& facts, UserNumber user,
                const EventQuestion& question, const EventTally& tally) const {
    const auto last = facts.LastDayOf(user, deed_.behavior);
    if (!last) return Phrase("never");
    Phrase actual = Joined("{}, {}", Counts(tally));
    if (!deed_.same.empty() && tally.events > 0) {
      actual = Phrase("{} with {} {}", actual, deed_.same, tally.value);
    }
    if (question.from) {
      const Calendar& calendar = facts.settings().calendar;
      actual =
          Phrase("{} since {}", actual, calendar.FormatMinute(*question.from));
    }
    actual = Phrase("{} (last on {})", actual, FormatDay(*last));
    if (deed_.since) actual = Phrase("{}; {}", actual, Since(facts, user));
    const Phrase gone = Gone(facts, question);
    return gone.empty() ? actual : Phrase("{}; {}", actual, gone);
  }

  std::vector<Phrase> Counts(const EventTally& tally) const {
    std::vector<Phrase> counts;
    if (!deed_.rolls()) {
      const int days = static_cast<int>(tally.days.size());
      counts.push_back(Phrase("on {}", CountOfDays(days)));
    }
    if (deed_.ReadsEvents()) counts.push_back(CountOfTimes(tally.events));
    if (deed_.in_a_row) {
      counts.push_back(Phrase("{} in a row", LongestRow(tally.days)));
    }
    if (deed_.total) {
      counts.push_back(Phrase("{} {} in all", deed_.total->property,
                              fmt::format("{}", tally.total)));
    }
    return counts;
  }

  Phrase Since(const Facts& facts, UserNumber user) const {
    const auto day = facts.LastDayOf(user, *deed_.since);
    if (!day) return Phrase("{} never", deed_.since_name);
    return Phrase("{} last on {}", deed_.since_name, FormatDay(*day));
  }

  // What the answer lacks where raw events are gone.
  Phrase Gone(const Facts& facts, const EventQuestion& question) const {
    const auto gone = facts.EventsGoneUntil();
    if (!deed_.ReadsEvents() || !gone || question.from) return Phrase();
    const LocalDay day = facts.settings().calendar.DayOf(*gone);
    if (question.days && question.days->first > day) return Phrase();
    return deed_.ReadsProperties()
               ? Phrase("raw events up to {} are gone", FormatDay(day))
               : Phrase("day grain up to {}", FormatDay(day));
  }

  Deed deed_;
  bool negated_;
};

}  // namespace

ConditionPtr MakeDid(Deed deed) {
  return std::make_shared<Did>(std::move(deed), /*negated=*/false);
}

ConditionPtr ParseDid(const yaml::Node& value, const ConditionScope& scope) {
  return MakeDid(ParseDeed(value, scope, "did"));
}

ConditionPtr ParseDidNot(const yaml::Node& value, const ConditionScope& scope) {
  return std::make_shared<Did>(ParseDeed(value, scope, "did_not"), true);
}

}  // namespace rekindle

// did: {behavior: trip, within: 30 days, days: {gte: 3}}
// did_not: {behavior: order_paid, within: 6 hours}
//
// `days` counts local days, `times` counts events; both count from 0, so that
// `times: {lt: 3}` holds for those who never did it. Without either, once is
// enough. `did_not` is the rest of those who are known.
//
// Days stand in the columns; events are read raw, and only for those whose
// days leave it open: who did it on five days did it at least five times. A
// count of events is never taken below that of the days, as raw events may
// have been pruned.
#include <fmt/format.h>

#include <algorithm>

#include "config/base/words.h"
#include "engine/audience/conditions/count_range.h"
#include "engine/audience/conditions/parser.h"
#include "engine/settings.h"

namespace rekindle {
namespace {

struct Deed {
  BehaviorIndex behavior = 0;
  std::string name;
  std::optional<Duration> within;  // absent: ever
  std::optional<CountRange> times;
  std::optional<CountRange> days;

  bool rolls() const { return within && within->rolls(); }
};

// The stretch of time a deed is looked for in, at one instant.
struct Stretch {
  std::optional<DayRange> days;
  std::optional<Instant> from;
};

std::string Counted(int count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

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

  SetPlan::Term Plan(Terms& terms) const override {
    if (ReadsEvents()) return Condition::Plan(terms);
    const auto [at_least, at_most] = DaysWanted();
    const SetPlan::Term doers = terms.DaysPresent(
        deed_.behavior, StretchOf(terms.facts()).days, at_least, at_most);
    return negated_ ? terms.Minus(terms.Known(), doers) : doers;
  }

  bool ReadsEvents() const override {
    return deed_.rolls() || deed_.times.has_value();
  }

  void Collect(ConditionUses* uses) const override {
    uses->behaviors.insert(deed_.behavior);
  }

 protected:
  Finding Wanted() const override {
    std::vector<std::string> words;
    if (negated_) words.push_back("not:");
    words.push_back(deed_.name);
    if (deed_.days) {
      words.push_back("on " + deed_.days->Text("day", "days"));
    }
    if (deed_.days && deed_.times) words.push_back("and");
    if (deed_.times) {
      words.push_back(deed_.times->Text("time", "times"));
    }
    if (deed_.within) {
      words.push_back("within " + FormatDuration(*deed_.within));
    }
    return {negated_ ? "did_not" : "did", Join(words, " ")};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    Finding finding = Wanted();
    const Stretch stretch = StretchOf(facts);
    const int days = facts.DaysOf(user, deed_.behavior, stretch.days);
    int times = 0;
    if (days > 0 && ReadsEvents()) {
      times = facts.EventsOf(user, deed_.behavior, stretch.from);
      if (!deed_.rolls()) times = std::max(times, days);
    }
    finding.actual = Actual(facts, user, stretch, days, times);
    finding.holds = HoldsWith(days, times) != negated_;
    return finding;
  }

 private:
  Stretch StretchOf(const Facts& facts) const {
    if (!deed_.within) return {};
    const EngineSettings& settings = facts.settings();
    if (deed_.rolls()) {
      const Instant from = RollBack(*deed_.within, facts.as_of());
      return {DayRange{settings.calendar.DayOf(from), facts.today()}, from};
    }
    const DayRange days =
        DaysBack(*deed_.within, facts.today(), settings.lifecycle.period);
    return {days, settings.calendar.StartOf(days.first)};
  }

  // Where days alone decide.
  CountRange DaysWanted() const {
    return deed_.days.value_or(CountRange{1, kMany});
  }

  bool HoldsWith(int days, int times) const {
    if (deed_.days && !deed_.days->Holds(days)) return false;
    if (deed_.times) return deed_.times->Holds(times);
    return deed_.days || (deed_.rolls() ? times : days) > 0;
  }

  UserSet Doers(const Facts& facts, const UserSet& among) const {
    const Stretch stretch = StretchOf(facts);
    const auto on_days = [&](int at_least, int at_most) {
      return facts.DaysPresent(deed_.behavior, stretch.days, at_least, at_most);
    };
    if (deed_.rolls()) {
      const CountRange times = deed_.times.value_or(CountRange{1, kMany});
      const UserSet maybe = among & on_days(1, kMany);
      UserSet doers = Events(facts, maybe, stretch, times);
      if (times.at_least == 0) doers |= among - maybe;
      return doers;
    }
    if (!deed_.times) {
      const auto [at_least, at_most] = DaysWanted();
      return among & on_days(at_least, at_most);
    }
    const UserSet left =
        deed_.days ? among & on_days(deed_.days->at_least, deed_.days->at_most)
                   : among;
    const auto [at_least, at_most] = *deed_.times;
    // Their days alone are enough; at most too few may be too many.
    UserSet doers = left & on_days(std::max(at_least, 1), at_most);
    if (at_most != kMany) {
      doers = Events(facts, doers, stretch, {0, at_most});
    }
    if (at_least > 1) {
      const UserSet open = left & on_days(1, std::min(at_least - 1, at_most));
      doers |= Events(facts, open, stretch, {at_least, at_most});
    }
    if (at_least == 0) doers |= left & on_days(0, 0);
    return doers;
  }

  UserSet Events(const Facts& facts, const UserSet& candidates,
                 const Stretch& stretch, const CountRange& times) const {
    if (candidates.Empty()) return candidates;
    return facts.EventsPresent(candidates, deed_.behavior, stretch.from,
                               times.at_least, times.at_most);
  }

  // "on 3 days, 7 times (last on 2026-02-03)"
  std::string Actual(const Facts& facts, UserNumber user,
                     const Stretch& stretch, int days, int times) const {
    const auto last = facts.LastDayOf(user, deed_.behavior);
    if (!last) return "never";
    std::vector<std::string> counts;
    if (!deed_.rolls()) {
      counts.push_back("on " + Counted(days, "day", "days"));
    }
    if (ReadsEvents()) counts.push_back(Counted(times, "time", "times"));
    std::string text = Join(counts, ", ");
    if (deed_.rolls()) {
      text += " since " + facts.settings().calendar.FormatMinute(*stretch.from);
    }
    return text + fmt::format(" (last on {})", FormatDay(*last));
  }

  Deed deed_;
  bool negated_;
};

// Reports a behavior that is not configured.
void ParseBehaviorName(const yaml::Node& node, const ConditionScope& scope,
                       Deed* deed) {
  const auto name = node.AsString(scope.d, "behavior");
  if (!name) return;
  const BehaviorSet& behaviors = *scope.vocabulary.behaviors;
  const auto index = behaviors.Find(*name);
  if (!index) {
    yaml::CheckKnown(node, scope.d, "behavior", behaviors.names());
    return;
  }
  deed->behavior = *index;
  deed->name = *name;
}

ConditionPtr ParseDeed(const yaml::Node& value, const ConditionScope& scope,
                       bool negated) {
  yaml::Section section(value, scope.d, negated ? "did_not" : "did");
  const auto behavior = section.Require("behavior");
  const auto within = section.Take("within");
  const auto times = section.Take("times");
  const auto days = section.Take("days");
  section.Finish();

  Deed deed;
  if (behavior) ParseBehaviorName(*behavior, scope, &deed);
  if (within) deed.within = within->AsDuration(scope.d, "within");
  if (times) deed.times = ParseCountRange(*times, scope.d, "times");
  if (days) deed.days = ParseCountRange(*days, scope.d, "days");
  if (days && deed.rolls()) {
    scope.d.Error(days->position(),
                  fmt::format("days counts local days, so its \"within\" must "
                              "be in days, weeks, months or periods, not "
                              "\"{}\"",
                              within->text()));
  }
  return std::make_shared<Did>(std::move(deed), negated);
}

}  // namespace

ConditionPtr ParseDid(const yaml::Node& value, const ConditionScope& scope) {
  return ParseDeed(value, scope, /*negated=*/false);
}

ConditionPtr ParseDidNot(const yaml::Node& value, const ConditionScope& scope) {
  return ParseDeed(value, scope, /*negated=*/true);
}

}  // namespace rekindle

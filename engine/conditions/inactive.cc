// inactive: 1 month
// inactive: {at_least: [1 month, 14 days], less_than: 3 months}
//
// Natural days, weeks, months or periods from the one that holds the last
// active day to the one that holds as_of. Whatever the form, it comes down to
// one range of last active days.
#include <fmt/format.h>

#include <algorithm>

#include "config/base/duration.h"
#include "engine/conditions/parser.h"

namespace rekindle {
namespace {

// What a duration of inactivity counts in.
PeriodUnit CountedIn(DurationUnit unit, PeriodUnit period) {
  switch (unit) {
    case DurationUnit::kWeek:
      return PeriodUnit::kWeek;
    case DurationUnit::kMonth:
      return PeriodUnit::kMonth;
    case DurationUnit::kPeriod:
      return period;
    default:
      return PeriodUnit::kDay;
  }
}

class Inactive : public Comparison {
 public:
  Inactive(std::vector<Duration> at_least, std::vector<Duration> less_than,
           PeriodUnit period)
      : at_least_(std::move(at_least)),
        less_than_(std::move(less_than)),
        period_(period) {}

  UserSet Select(const Facts& facts) const override {
    const auto [first, last] = LastDays(facts);
    if (IsEmpty(first, last)) return UserSet();
    return facts.LastActive(first, last);
  }

  SetPlan::Term Plan(Terms& terms) const override {
    const auto [first, last] = LastDays(terms.facts());
    if (IsEmpty(first, last)) return terms.Nobody();
    return terms.LastActive(first, last);
  }

 protected:
  Finding Wanted() const override {
    std::vector<Phrase> bounds;
    if (!at_least_.empty()) {
      bounds.push_back(Phrase("at least {}", Listed(at_least_)));
    }
    if (!less_than_.empty()) {
      bounds.push_back(Phrase("less than {}", Listed(less_than_)));
    }
    return {"inactive", Joined("{}; {}", bounds)};
  }

  Finding Compare(const Facts& facts, UserNumber user) const override {
    const LocalDay day = facts.LastActiveDay(user);
    const auto length = [&](const Duration& duration) {
      return Length(day, facts.today(), duration);
    };
    Finding finding = Wanted();
    finding.actual =
        Phrase("{} (last active {})", Actual(facts, day), FormatDay(day));
    finding.holds = std::all_of(at_least_.begin(), at_least_.end(),
                                [&](const Duration& floor) {
                                  return length(floor) >= floor.count;
                                }) &&
                    std::all_of(less_than_.begin(), less_than_.end(),
                                [&](const Duration& ceiling) {
                                  return length(ceiling) < ceiling.count;
                                });
    return finding;
  }

 private:
  PeriodUnit UnitOf(const Duration& duration) const {
    return CountedIn(duration.unit, period_);
  }

  using Bound = std::optional<LocalDay>;

  // Between which the last active day lies.
  std::pair<Bound, Bound> LastDays(const Facts& facts) const {
    Bound first, last;
    for (const Duration& floor : at_least_) {
      const LocalDay day =
          LastDayOf(PeriodBack(facts, floor, 0), UnitOf(floor));
      last = last ? std::min(*last, day) : day;
    }
    for (const Duration& ceiling : less_than_) {
      const LocalDay day =
          FirstDayOf(PeriodBack(facts, ceiling, 1), UnitOf(ceiling));
      first = first ? std::max(*first, day) : day;
    }
    return {first, last};
  }

  static bool IsEmpty(const Bound& first, const Bound& last) {
    return first && last && *first > *last;
  }

  // The unit `duration` before today's, and `later` units after that.
  int32_t PeriodBack(const Facts& facts, const Duration& duration,
                     int later) const {
    return PeriodOf(facts.today(), UnitOf(duration)) - duration.count + later;
  }

  int32_t Length(LocalDay from, LocalDay to, const Duration& duration) const {
    const PeriodUnit unit = UnitOf(duration);
    return PeriodOf(to, unit) - PeriodOf(from, unit);
  }

  // The length in every unit that is asked for, and in days.
  Phrase Actual(const Facts& facts, LocalDay day) const {
    std::vector<Duration> lengths;
    const auto add = [&](Duration length) {
      length.count = Length(day, facts.today(), length);
      if (std::find(lengths.begin(), lengths.end(), length) == lengths.end()) {
        lengths.push_back(length);
      }
    };
    for (const Duration& floor : at_least_) add(floor);
    for (const Duration& ceiling : less_than_) add(ceiling);
    add({0, DurationUnit::kDay});
    return Listed(lengths);
  }

  static Phrase Listed(const std::vector<Duration>& durations) {
    std::vector<Phrase> all;
    for (const Duration& duration : durations) {
      all.push_back(PhraseOf(duration));
    }
    return Joined("{}, {}", all);
  }

  std::vector<Duration> at_least_;
  std::vector<Duration> less_than_;
  PeriodUnit period_;
};

// One duration or a list of them, all of which must hold.
std::vector<Duration> ParseBounds(const yaml::Node& node,
                                  const ConditionScope& scope,
                                  std::string_view what) {
  std::vector<Duration> bounds;
  for (const yaml::Node& item : node.AsOneOrMany(scope.d, what)) {
    const auto duration = item.AsDuration(scope.d, what);
    if (duration && duration->rolls()) {
      scope.d.Error(item.position(),
                    fmt::format("{} counts days, weeks, months or periods, not "
                                "\"{}\"",
                                what, item.text()));
    } else if (duration) {
      bounds.push_back(*duration);
    }
  }
  return bounds;
}

// Months are natural: on the 1st, one who was here yesterday is a month away.
void WarnOfMonths(const yaml::Node& at, const ConditionScope& scope,
                  const std::vector<Duration>& at_least) {
  const Duration* months = nullptr;
  for (const Duration& floor : at_least) {
    const PeriodUnit unit = CountedIn(floor.unit, scope.vocabulary.period);
    if (unit == PeriodUnit::kDay) return;
    if (unit == PeriodUnit::kMonth) months = &floor;
  }
  if (months == nullptr || !scope.warn_of_months) return;
  const std::string text = FormatDuration(*months);
  scope.d.Warning(
      at.position(),
      fmt::format("inactive \"{0}\" has no floor in days: months are natural, "
                  "so on the 1st it holds for everyone last active {0} before, "
                  "even on that month's last day; add one, like {{at_least: "
                  "[{0}, {1} days]}}",
                  text, 30 * (months->count - 1) + 14));
}

// Bounds in the same unit can be told to exclude each other.
void CheckBounds(const std::vector<Duration>& at_least,
                 const std::vector<Duration>& less_than, const yaml::Node& node,
                 const ConditionScope& scope) {
  for (const Duration& floor : at_least) {
    for (const Duration& ceiling : less_than) {
      if (floor.unit != ceiling.unit || floor.count < ceiling.count) continue;
      scope.d.Error(
          node.position(),
          fmt::format("inactive can never hold: at least {} and less "
                      "than {}",
                      FormatDuration(floor), FormatDuration(ceiling)));
    }
  }
}

}  // namespace

ConditionPtr ParseInactive(const yaml::Node& value,
                           const ConditionScope& scope) {
  std::vector<Duration> at_least;
  std::vector<Duration> less_than;
  if (value.IsScalar()) {
    at_least = ParseBounds(value, scope, "inactive");
  } else if (!value.IsMap()) {
    scope.d.Error(value.position(),
                  fmt::format("inactive must be a duration like 1 month, or "
                              "{{at_least: [1 month, 14 days], less_than: 3 "
                              "months}}, not {}",
                              value.KindName()));
    return nullptr;
  } else {
    yaml::Section section(value, scope.d, "inactive");
    const auto floors = section.Take("at_least");
    const auto ceilings = section.Take("less_than");
    section.Finish();
    if (floors) at_least = ParseBounds(*floors, scope, "at_least");
    if (ceilings) less_than = ParseBounds(*ceilings, scope, "less_than");
    if (!floors && !ceilings) {
      scope.d.Error(value.position(),
                    "inactive needs \"at_least\" or \"less_than\"");
      return nullptr;
    }
  }
  CheckBounds(at_least, less_than, value, scope);
  WarnOfMonths(value, scope, at_least);
  return std::make_shared<Inactive>(std::move(at_least), std::move(less_than),
                                    scope.vocabulary.period);
}

}  // namespace rekindle

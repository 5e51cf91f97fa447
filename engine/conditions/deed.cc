#include "engine/conditions/deed.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "config/base/words.h"
#include "engine/model/settings.h"

namespace rekindle {
namespace {

bool HoldsZero(const std::optional<CountRange>& range) {
  return range && range->at_least == 0;
}

// `in_a_row: 3 days`.
std::optional<int> ParseRow(const yaml::Node& node,
                            const ConditionScope& scope) {
  const auto row = node.AsDuration(scope.d, "in_a_row");
  if (!row) return std::nullopt;
  if (row->unit == DurationUnit::kDay) return row->count;
  scope.d.Error(node.position(),
                fmt::format("in_a_row counts days, like 3 days, not \"{}\"",
                            node.text()));
  return std::nullopt;
}

std::string ParseProperty(const yaml::Node& node, const ConditionScope& scope,
                          std::string_view key) {
  const std::string name = node.AsString(scope.d, key).value_or("");
  if (name.empty() && node.IsScalar()) {
    scope.d.Error(node.position(),
                  fmt::format("{} must name a property of the event", key));
  }
  return name;
}

// `total: {property: amount, gte: 1000}`.
std::optional<Deed::Total> ParseTotal(const yaml::Node& node,
                                      const ConditionScope& scope) {
  yaml::Section section(node, scope.d, "total");
  const auto property = section.Require("property");
  const auto range = TakeNumberRange(section, "total");
  section.Finish();
  if (!property || !range) return std::nullopt;
  return Deed::Total{ParseProperty(*property, scope, "property"), *range};
}

// Part of a day has no days.
void RefuseRolling(const yaml::Node& counted, const yaml::Node& within,
                   const ConditionScope& scope, std::string_view key) {
  scope.d.Error(
      counted.position(),
      fmt::format("{} counts local days, so its \"within\" must be in "
                  "days, weeks, months or periods, not \"{}\"",
                  key, within.text()));
}

// "Fewer than" would hold for everyone with any event: some value is rare.
void CheckSame(const yaml::Node& same, const Deed& deed,
               const ConditionScope& scope) {
  if (!deed.times && !deed.days && !deed.in_a_row && !deed.total) {
    scope.d.Error(same.position(),
                  "same needs to know how often: add times, days, in_a_row or "
                  "total, like {same: item, times: {gte: 3}}");
  } else if (deed.HoldsForNone()) {
    scope.d.Error(same.position(),
                  "same asks for one value that comes up often enough: times, "
                  "days or total must have a floor above 0, like {gte: 3}");
  }
}

struct Spans {
  int fewest = std::numeric_limits<int>::max();
  int most = 0;
};

// How many days a duration backwards spans, whichever day of four years it is
// counted from. REQUIRES: !duration.rolls().
Spans SpansOf(const Duration& duration, PeriodUnit period) {
  constexpr int kFourYears = 4 * 365 + 1;
  const LocalDay first{std::chrono::year(2024) / 1 / 1};
  Spans spans;
  for (int i = 0; i < kFourYears; ++i) {
    const DayRange range =
        DaysBack(duration, first + std::chrono::days(i), period);
    const int days = static_cast<int>((range.last - range.first).count()) + 1;
    spans.fewest = std::min(spans.fewest, days);
    spans.most = std::max(spans.most, days);
  }
  return spans;
}

// Raw events may be gone before the stretch begins. Days are kept for ever;
// properties are not.
void CheckKept(const yaml::Node& at, const Deed& deed,
               const ConditionScope& scope) {
  const auto& kept = scope.vocabulary.raw_events_kept;
  if (!kept || !deed.ReadsEvents() || deed.rolls()) return;
  const PeriodUnit period = scope.vocabulary.period;
  if (deed.within &&
      SpansOf(*deed.within, period).most <= SpansOf(*kept, period).fewest) {
    return;
  }
  const std::string reach =
      deed.within ? "within " + FormatDuration(*deed.within) + " reaches back "
                  : "without \"within\" it reaches back ";
  const std::string limit = fmt::format(
      "raw events are kept for {} (retention)", FormatDuration(*kept));
  if (deed.ReadsProperties()) {
    scope.d.Error(
        at.position(),
        fmt::format("{}further than {}, and properties are read from "
                    "them: shorten it, or make a behavior of it, like "
                    "{{event: .., where: ..}}: its days are kept for "
                    "ever",
                    reach, limit));
  } else {
    scope.d.Warning(
        at.position(),
        fmt::format("{}further than {}: before that each day counts "
                    "as one event (day grain)",
                    reach, limit));
  }
}

}  // namespace

bool Deed::ReadsProperties() const {
  return !where.empty() || !same.empty() || total.has_value();
}

bool Deed::ReadsEvents() const {
  return rolls() || times || since || ReadsProperties();
}

bool Deed::HoldsForNone() const {
  if (in_a_row) return false;
  if (times && !HoldsZero(times)) return false;
  if (days && !HoldsZero(days)) return false;
  if (total && !total->range.Holds(0)) return false;
  return times || days || total;
}

bool Deed::Holds(const EventTally& tally) const {
  if (times && !times->Holds(tally.events)) return false;
  if (days && !days->Holds(static_cast<int>(tally.days.size()))) return false;
  if (in_a_row && LongestRow(tally.days) < *in_a_row) return false;
  if (total && !total->range.Holds(tally.total)) return false;
  return times || days || in_a_row || total || tally.events > 0;
}

Phrase Deed::Describe() const {
  std::vector<Phrase> counts;
  if (days) counts.push_back(Phrase("on {}", days->Text(CountOfDays)));
  if (times) counts.push_back(times->Text(CountOfTimes));
  if (in_a_row) {
    counts.push_back(Phrase("on {} in a row", CountOfDays(*in_a_row)));
  }
  if (total) {
    counts.push_back(
        Phrase("{} {} in all", total->property, total->range.Text()));
  }
  Phrase deed = name;
  if (!counts.empty()) {
    deed = Phrase("{} {}", deed, Joined("{} and {}", counts));
  }
  if (!same.empty()) deed = Phrase("{} with the same {}", deed, same);
  if (!where.empty()) {
    std::vector<Phrase> tests;
    for (const auto& [property, test] : where) {
      tests.push_back(Phrase("{} {}", property, test.Describe()));
    }
    deed = Phrase("{} where {}", deed, Joined("{}; {}", tests));
  }
  if (within) deed = Phrase("{} within {}", deed, PhraseOf(*within));
  if (since) deed = Phrase("{} since the last {}", deed, since_name);
  return deed;
}

EventQuestion Deed::QuestionAt(const Facts& facts) const {
  EventQuestion question;
  question.behavior = behavior;
  question.since = since;
  question.where = where;
  question.same = same;
  if (total) question.total = total->property;
  if (!within) return question;
  if (rolls()) {
    question.from = RollBack(*within, facts.as_of());
  } else {
    question.days =
        DaysBack(*within, facts.today(), facts.settings().lifecycle.period);
  }
  return question;
}

std::optional<BehaviorIndex> ParseBehaviorName(const yaml::Node& node,
                                               const ConditionScope& scope,
                                               std::string_view key) {
  const auto name = node.AsString(scope.d, key);
  if (!name) return std::nullopt;
  const BehaviorSet& behaviors = *scope.vocabulary.behaviors;
  const auto index = behaviors.Find(*name);
  if (!index) {
    yaml::CheckKnown(node, scope.d, "behavior", behaviors.names());
  }
  return index;
}

Deed ParseDeed(const yaml::Node& value, const ConditionScope& scope,
               std::string_view what) {
  const int errors_before = scope.d.errors();
  yaml::Section section(value, scope.d, std::string(what));
  Deed deed;
  if (const auto node = section.Require("behavior")) {
    deed.behavior = ParseBehaviorName(*node, scope, "behavior").value_or(0);
    deed.name = node->text();
  }
  const auto within = section.Take("within");
  if (within) deed.within = within->AsDuration(scope.d, "within");
  if (const auto node = section.Take("since")) {
    deed.since = ParseBehaviorName(*node, scope, "since");
    deed.since_name = node->text();
  }
  if (const auto node = section.Take("times")) {
    deed.times = ParseCountRange(*node, scope.d, "times");
  }
  const auto days = section.Take("days");
  if (days) deed.days = ParseCountRange(*days, scope.d, "days");
  const auto row = section.Take("in_a_row");
  if (row) deed.in_a_row = ParseRow(*row, scope);
  if (const auto node = section.Take("where")) {
    deed.where = ParsePropertyTests(*node, scope.d, scope.vocabulary.calendar);
  }
  if (const auto node = section.Take("total")) {
    deed.total = ParseTotal(*node, scope);
  }
  if (const auto node = section.Take("same")) {
    deed.same = ParseProperty(*node, scope, "same");
    if (scope.d.errors() == errors_before) CheckSame(*node, deed, scope);
  }
  section.Finish();
  if (deed.rolls() && days) RefuseRolling(*days, *within, scope, "days");
  if (deed.rolls() && row) RefuseRolling(*row, *within, scope, "in_a_row");
  if (scope.d.errors() == errors_before) {
    CheckKept(within ? *within : value, deed, scope);
  }
  return deed;
}

}  // namespace rekindle

// What `did` and `did_not` look for, as written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/conditions/count_range.h"
#include "engine/conditions/event_tally.h"
#include "engine/conditions/parser.h"

namespace rekindle {

struct Deed {
  BehaviorIndex behavior = 0;
  std::string name;
  std::optional<Duration> within;  // absent: ever
  std::optional<BehaviorIndex> since;
  std::string since_name;
  std::optional<CountRange> times;
  std::optional<CountRange> days;
  std::optional<int> in_a_row;  // days, at least
  std::string same;             // a property; empty: not asked
  PropertyTests where;
  struct Total {
    std::string property;
    NumberRange range;
  };
  std::optional<Total> total;

  bool rolls() const { return within && within->rolls(); }
  bool ReadsEvents() const;
  bool ReadsProperties() const;
  // Whether nothing done at all is enough: "fewer than 3 times".
  bool HoldsForNone() const;
  bool Holds(const EventTally& tally) const;
  // "trip on at least 2 days within 30 days"
  Phrase Describe() const;
  EventQuestion QuestionAt(const Facts& facts) const;
};

// The value of `did`, named `what` in messages. Problems are reported.
Deed ParseDeed(const yaml::Node& value, const ConditionScope& scope,
               std::string_view what);

// The condition that it was done.
ConditionPtr MakeDid(Deed deed);

// A configured behavior; anything else is reported.
std::optional<BehaviorIndex> ParseBehaviorName(const yaml::Node& node,
                                               const ConditionScope& scope,
                                               std::string_view key);

}  // namespace rekindle

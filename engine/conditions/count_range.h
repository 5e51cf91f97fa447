// Ranges of counts (`5`, `{gte: 3}`, `{gt: 0, lt: 10}`) and of amounts
// (`gte: 99.5`).
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/phrase.h"
#include "config/yaml/node.h"

namespace rekindle {

// No upper bound.
inline constexpr int kMany = std::numeric_limits<int>::max();

Phrase CountOf(int count);       // "5"
Phrase CountOfDays(int count);   // "1 day", "5 days"
Phrase CountOfTimes(int count);  // "1 time", "5 times"

struct CountRange {
  int at_least = 0;
  int at_most = kMany;

  bool Holds(int count) const { return count >= at_least && count <= at_most; }
  // "5 days", "at least 1 day", "at most 2 days", "1 to 9 days"; as numbers
  // where `counted` (CountOfDays, ..) is left out.
  Phrase Text(Phrase (*counted)(int) = &CountOf) const;
};

// A bare number means exactly so many; keys side by side mean all of them
// (eq, gt, gte, lt, lte). Problems go to the diagnostics.
std::optional<CountRange> ParseCountRange(const yaml::Node& node,
                                          yaml::Diagnostics& d,
                                          std::string_view what);
// The same where the keys stand among others of a section; at least one.
std::optional<CountRange> TakeCountRange(yaml::Section& section,
                                         std::string_view what);

struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;   // low itself is out
  bool below_high = false;  // high itself is out

  bool Holds(double number) const {
    return (above_low ? number > low : number >= low) &&
           (below_high ? number < high : number <= high);
  }
  // "eq 5", "gte 1 and lt 9.5"
  Phrase Text() const;
};

// eq, gt, gte, lt, lte among the keys of a section; at least one.
std::optional<NumberRange> TakeNumberRange(yaml::Section& section,
                                           std::string_view what);

}  // namespace rekindle

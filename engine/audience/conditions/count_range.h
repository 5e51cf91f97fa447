// How many: `5`, `{gte: 3}`, `{gt: 0, lt: 10}`.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "config/yaml/node.h"

namespace rekindle {

// No upper bound.
inline constexpr int kMany = std::numeric_limits<int>::max();

struct CountRange {
  int at_least = 0;
  int at_most = kMany;

  bool Holds(int count) const { return count >= at_least && count <= at_most; }
  // "5 days", "at least 1 day", "at most 2 days", "1 to 9 days".
  std::string Text(std::string_view one, std::string_view many) const;
};

// A bare number means exactly so many; keys side by side mean all of them
// (eq, gt, gte, lt, lte). Problems go to the diagnostics.
std::optional<CountRange> ParseCountRange(const yaml::Node& node,
                                          yaml::Diagnostics& d,
                                          std::string_view what);

}  // namespace rekindle

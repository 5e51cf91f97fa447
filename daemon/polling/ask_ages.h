// At which ages of a touch its provider is asked about it.
#pragma once

#include <chrono>

namespace rekindle {

// Asked at `every`, then after distances that double up to a day: 1, 3, 7, 15
// .. minutes. True where one of these lies in (from, to].
bool AskedBetween(std::chrono::milliseconds from, std::chrono::milliseconds to,
                  std::chrono::milliseconds every);

}  // namespace rekindle

// At which ages of a touch its provider is asked about it.
#pragma once

#include <chrono>

namespace rekindle {

// A touch is asked about at the age `every`, then after distances that double
// up to a day: at 1, 3, 7, 15 .. minutes, say. True where one of these ages
// lies in (from, to].
bool AskedBetween(std::chrono::milliseconds from, std::chrono::milliseconds to,
                  std::chrono::milliseconds every);

}  // namespace rekindle

#include "daemon/polling/ask_ages.h"

#include <algorithm>

namespace rekindle {

bool AskedBetween(std::chrono::milliseconds from, std::chrono::milliseconds to,
                  std::chrono::milliseconds every) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);
  std::chrono::milliseconds distance = every;
  for (auto age = every; age <= to; age += distance) {
    if (age > from) return true;
    distance = std::min(2 * distance, kLongest);
  }
  return false;
}

}  // namespace rekindle

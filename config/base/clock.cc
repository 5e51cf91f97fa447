#include "config/base/clock.h"

namespace rekindle {

Instant SystemClock::Now() const {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

}  // namespace rekindle

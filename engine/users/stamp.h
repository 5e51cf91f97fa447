// A moment, or none, in 8 bytes, so that those of ten million users fit in
// memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "config/base/calendar.h"

namespace rekindle {

// The instant in milliseconds stands in the upper 60 bits. Below it, how far
// the local day lies from the day of the same number in UTC (3 bits, 4 means
// not at all; no zone is further away than a day), and whether the input was a
// bare date. So a stamp knows its day without the calendar that cut it.
class Stamp {
 public:
  constexpr Stamp() = default;  // none
  static Stamp Of(const Moment& when) {
    const auto shift =
        ToNumber(when.day) - UtcDay(ToMillis(when.at)) + kNoShift;
    return OfBits(ToMillis(when.at), (shift & 7) << 1 | (when.by_day ? 1 : 0));
  }
  // For storage: `low` is what stands below the instant.
  static Stamp OfBits(int64_t at, int low) {
    Stamp stamp;
    stamp.bits_ = at * (1 << kLowBits) + low;
    return stamp;
  }

  bool known() const { return bits_ != kNone; }
  // Epoch ms; where there is none, later than every moment.
  int64_t at() const { return bits_ >> kLowBits; }
  int low() const { return static_cast<int>(bits_ & ((1 << kLowBits) - 1)); }
  int32_t day() const { return UtcDay(at()) + (low() >> 1) - kNoShift; }
  bool by_day() const { return (bits_ & 1) != 0; }
  Moment moment() const {
    return {FromMillis(at()), DayFromNumber(day()), by_day()};
  }

  friend bool operator==(const Stamp&, const Stamp&) = default;

 private:
  static constexpr int kLowBits = 4;
  static constexpr int32_t kNoShift = 4;
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

  static int32_t UtcDay(int64_t at) {
    return static_cast<int32_t>(
        std::chrono::floor<std::chrono::days>(FromMillis(at))
            .time_since_epoch()
            .count());
  }

  int64_t bits_ = kNone;
};

inline const Stamp& Earlier(const Stamp& a, const Stamp& b) {
  return b.at() < a.at() ? b : a;
}

}  // namespace rekindle

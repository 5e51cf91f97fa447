// When a share of active days makes a label.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/columns/byte_scan.h"
#include "engine/model/settings.h"

namespace rekindle {

// Compared in whole numbers, so that 7 of 100 days reach exactly 7 %.
class Threshold {
 public:
  explicit Threshold(const PreferenceSettings& settings)
      : billionths_(
            std::max<int64_t>(1, std::llround(settings.threshold * kOne))),
        min_active_days_(std::max(1, settings.min_active_days)) {}

  bool Reached(int64_t days, int64_t active_days) const {
    return active_days >= min_active_days_ &&
           days * kOne >= billionths_ * active_days;
  }

  // The same as a table: by the number of active days, up to `most`, the least
  // days that are enough; 255 where none are. REQUIRES: most < 255.
  Floors ToFloors(int most) const {
    Floors floors;
    floors.fill(255);
    for (int active = 0; active <= most; ++active) {
      int days = 1;
      while (days <= active && !Reached(days, active)) ++days;
      if (days <= active) floors[active] = static_cast<uint8_t>(days);
    }
    return floors;
  }

 private:
  static constexpr int64_t kOne = 1'000'000'000;
  int64_t billionths_;
  int min_active_days_;
};

}  // namespace rekindle

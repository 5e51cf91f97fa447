// The periods in which each user of a block did something, in order: what the
// tables over time (flows, transitions, retention) walk along.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "engine/as_of/masks_as_of.h"
#include "engine/columns/mask_scan.h"

namespace rekindle {

// The period of each day of a month, by bit.
inline std::array<int32_t, 32> PeriodsOfDays(int32_t month, PeriodUnit unit) {
  std::array<int32_t, 32> periods{};
  const LocalDay first = FirstDayOf(month, PeriodUnit::kMonth);
  for (int i = 0; i < 32; ++i) {
    periods[i] = PeriodOf(first + std::chrono::days(i), unit);
  }
  return periods;
}

// Calls f(offset in the block, period), for each user in ascending order of
// periods; the same period may come several times in a row.
template <class F>
void ForEachActivePeriod(const MasksAsOf& masks, BehaviorIndex behavior,
                         PeriodUnit unit, uint32_t block, F&& f) {
  const auto months = masks.Months(behavior);
  if (!months) return;
  MasksByUser days;
  for (int32_t month = months->first; month <= months->second; ++month) {
    if (!masks.Block(behavior, month, block, days)) continue;
    const auto period = PeriodsOfDays(month, unit);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      if (days[i] == 0) continue;
      if (unit == PeriodUnit::kMonth) {
        f(i, month);
        continue;
      }
      for (uint32_t bits = days[i]; bits != 0; bits &= bits - 1) {
        f(i, period[std::countr_zero(bits)]);
      }
    }
  }
}

}  // namespace rekindle

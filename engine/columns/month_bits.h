// Days of one natural month as bits, as the activity columns keep them: bit 0
// is the 1st.
#pragma once

#include <bit>
#include <cstdint>

#include "config/base/calendar.h"
#include "config/base/duration.h"

namespace rekindle {

inline int32_t MonthOf(LocalDay day) {
  return PeriodOf(day, PeriodUnit::kMonth);
}

// The bits of the month's days that lie in the range (either end may lie
// outside the month; an empty range has none).
inline uint32_t BitsIn(int32_t month, const DayRange& range) {
  const LocalDay first = FirstDayOf(month, PeriodUnit::kMonth);
  const LocalDay last = LastDayOf(month, PeriodUnit::kMonth);
  if (range.last < range.first || range.last < first || range.first > last) {
    return 0;
  }
  const auto from = range.first <= first ? 0 : (range.first - first).count();
  const auto to = ((range.last < last ? range.last : last) - first).count();
  return (~0u >> (31 - to)) & (~0u << from);
}

// REQUIRES: bits != 0.
inline LocalDay LastDayIn(int32_t month, uint32_t bits) {
  return FirstDayOf(month, PeriodUnit::kMonth) +
         std::chrono::days(std::bit_width(bits) - 1);
}

}  // namespace rekindle

// The five fields of a crontab line.
//
//   minute hour day-of-month month day-of-week
//   "0 10 * * 1"   "*/15 9-17 * * mon-fri"   "0 8 1,15 jan,jul *"   "@daily"
//
// A field is a list of values, ranges (a-b) and steps (*/n, a-b/n). Months and
// weekdays have names (jan, mon); Sunday is 0 and 7.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/base/result.h"

namespace rekindle {

struct CronFields {
  uint64_t minutes = 0;        // bit 0..59
  uint32_t hours = 0;          // bit 0..23
  uint64_t days_of_month = 0;  // bit 1..31
  uint16_t months = 0;         // bit 1..12
  uint8_t weekdays = 0;        // bit 0 is Sunday
  // Both day fields are restricted (neither begins with *): either suffices.
  bool either_day_field = false;
};

// kUsage where a field does not read, or where the fields name a day that no
// month has.
Result<CronFields> ParseCron(std::string_view text);

// "mon", "Monday" -> 1; -1 for anything else.
int ParseWeekday(std::string_view word);

}  // namespace rekindle

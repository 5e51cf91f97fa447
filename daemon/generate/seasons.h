// What the time of the year changes.
#pragma once

#include <array>
#include <cstdint>

namespace rekindle {

struct Season {
  int sales;    // new cars, so new users: per cent of the usual
  int loyalty;  // per mille more of those who stay active
  int climate;  // use of remote climate control: per cent
  int driving;  // days driven: per cent
  int orders;   // paid baskets: per cent
};

// `month` is a running number (months since 1970-01).
inline const Season& SeasonOf(int32_t month) {
  static constexpr std::array<Season, 12> kSeasons = {{
      {115, 4, 150, 95, 110},  // January: cold
      {60, -8, 140, 85, 70},   // February: the new year's holiday
      {95, 2, 100, 100, 95},
      {95, 2, 70, 105, 95},
      {100, 4, 80, 108, 100},   // May: the first long drives
      {110, 4, 110, 100, 150},  // June: sales
      {95, -4, 150, 105, 90},   // July, August: hot, and away
      {90, -6, 150, 108, 90},
      {105, 4, 100, 102, 100},
      {110, 6, 75, 115, 105},  // October: the golden week
      {115, 2, 100, 98, 170},  // November: sales
      {130, 2, 135, 95, 120},  // December: the year's best month for cars
  }};
  return kSeasons[((month % 12) + 12) % 12];
}

}  // namespace rekindle

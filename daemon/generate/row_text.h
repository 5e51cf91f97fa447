// Pieces of rows, appended to a text.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/base/calendar.h"

namespace rekindle {

inline constexpr int kSecondsADay = 24 * 60 * 60;

// The clock of all generated times: UTC+8, without exceptions.
inline Instant StartOfCarDay(LocalDay day) {
  return Instant(day.time_since_epoch() - std::chrono::hours(8));
}
inline LocalDay CarDayOf(Instant at) {
  return LocalDay(std::chrono::floor<std::chrono::days>(at.time_since_epoch() +
                                                        std::chrono::hours(8)));
}

// At least `digits` digits, with leading zeros.
void AppendNumber(std::string* out, uint64_t number, int digits = 1);
void AppendHex(std::string* out, uint64_t number);
// "20260214".
void AppendCompactDay(std::string* out, LocalDay day);
// "09:30:00+08:00"; the second is of the day.
void AppendClock(std::string* out, int second);

// The second of the day at which the user registers. The first use follows at
// once.
int RegistrationSecond(uint64_t seed, uint32_t user);

}  // namespace rekindle

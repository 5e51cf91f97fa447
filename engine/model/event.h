// What a user did, as the engine keeps it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "config/base/calendar.h"

namespace rekindle {

// A user's dense number: 0, 1, 2, ... in order of first mention. Never reused.
using UserNumber = uint32_t;
inline constexpr UserNumber kNoUser = std::numeric_limits<UserNumber>::max();

// An event with an earlier date comes from a clock that was never set.
inline constexpr LocalDay kEarliestDay{
    std::chrono::local_days{std::chrono::year(1900) / 1 / 1}};

struct Event {
  UserNumber user = kNoUser;
  std::string name;
  Moment when;             // by_day: the input gave a bare date
  std::string properties;  // a JSON object's text, or empty
};

}  // namespace rekindle

// One user's day in the app and in the car.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/generate/person.h"

namespace rekindle {

// Texts without commas or quotes; empty where the event has no such property.
struct CarEvent {
  int second = 0;  // of the day
  std::string_view event;
  std::string_view item;
  int amount = 0;         // yuan; 0: none
  int distance = 0;       // tenths of a kilometre; 0: none
  int minutes = 0;        // 0: none
  std::string_view name;  // of a screen
};

struct DayPlan {
  bool opens_app = false;
  bool drives = false;
  int not_before = 0;  // first second of use; 0: no day of registration
};

// Replaces `events` by those of the day. The same arguments give the same
// events.
void FillDay(uint64_t seed, uint32_t user, const Habits& habits, LocalDay day,
             const DayPlan& plan, std::vector<CarEvent>* events);

// Days of the month (bit 0: the first of `length`) on which something is done:
// about `wanted` of 30 days, `at_least` of those from `first_day` on, that day
// among them where `with_first`.
uint32_t PickDays(uint64_t seed, uint32_t user, uint64_t purpose, int wanted,
                  int at_least, int length, int first_day, bool with_first);

}  // namespace rekindle

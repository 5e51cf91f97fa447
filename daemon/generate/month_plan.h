// Which users open the app and which drive on which days of a month.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/generate/car_day.h"
#include "daemon/generate/population.h"

namespace rekindle {

// The plan of the population's current month.
class MonthPlan {
 public:
  // A day that is not a user's first stays with probability `share`.
  MonthPlan(const Population& population, uint64_t seed, double share = 1);

  uint32_t users() const { return days_.size(); }
  LocalDay first_day() const { return first_day_; }
  LocalDay last_day() const { return last_day_; }
  // False where the user does nothing that day.
  bool Find(uint32_t user, LocalDay day, DayPlan* plan) const;

 private:
  struct Days {
    uint32_t app = 0, car = 0;  // bit 0: the first of the month
  };
  Days PlanUser(const Population& population, uint32_t user) const;
  void Thin(double share, int32_t month);

  const uint64_t seed_;
  const LocalDay first_day_, last_day_;
  const int length_;
  std::vector<Days> days_;
  // Registration days in this month, of the users from first_new_ on.
  uint32_t first_new_ = 0;
  std::vector<LocalDay> registered_on_;
};

}  // namespace rekindle

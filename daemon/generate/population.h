// Who is there and who is active, month by month.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "config/base/calendar.h"
#include "daemon/generate/random.h"

namespace rekindle {

// Months are running numbers (PeriodOf). Users are numbered in order of their
// registration.
class Population {
 public:
  // `users` registered by last_day; the last of the `months` is last_day's.
  Population(int64_t users, int months, uint64_t seed, LocalDay last_day);

  // Goes to the next month, the first at the first call; any number of months
  // may follow the last, without registrations.
  void Advance();
  int32_t month() const { return month_; }
  // Of the current month: users 0 .. n-1 are there.
  uint32_t registered() const { return registered_; }

  // Opens the app this month.
  bool IsActive(uint32_t user) const { return states_[user].idle == 0; }
  // Does not open the app this month, but still drives.
  bool DrivesIdle(uint32_t user) const { return states_[user].keeps_car; }
  LocalDay RegisteredOn(uint32_t user) const;

 private:
  struct State {
    uint8_t idle : 2;  // months, 2 for two or more
    bool keeps_car : 1;
    bool fresh : 1;  // registered in the month before
  };
  struct Cohort {
    int32_t month;
    uint32_t first, end;  // users
    int days;             // of the month, in which they registered
  };
  // One for each share that is to come out level.
  struct Dithers {
    Dither old, fresh, at_start, keeps;
    std::array<Dither, 2> dormant, churned;  // by keeps_car
  };

  void PlanCohorts(int64_t users, int months, LocalDay last_day);
  const Cohort& CohortOf(uint32_t user) const;
  void StartOld(uint32_t user, int32_t registered_in);
  void Step(uint32_t user);
  bool StaysActive(State state, Random& random);
  void FallIdle(State* state, Random& random);

  const uint64_t seed_;
  const int32_t first_month_;
  int32_t month_;
  uint32_t registered_ = 0;
  std::vector<Cohort> cohorts_;  // by month
  std::vector<State> states_;
  Dithers dithers_;
};

}  // namespace rekindle

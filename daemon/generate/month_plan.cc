#include "daemon/generate/month_plan.h"

#include <algorithm>
#include <cmath>

#include "daemon/generate/random.h"
#include "daemon/generate/row_text.h"
#include "daemon/generate/seasons.h"

namespace rekindle {
namespace {

constexpr uint64_t kAppDays = 0xa99;  // purposes of draws
constexpr uint64_t kCarDays = 0xca4;
constexpr uint64_t kKeptDays = 0x5e1;
constexpr int kIdleDrivingDays = 6;  // of those who usually do not drive

uint64_t OfMonth(uint64_t purpose, int32_t month) {
  return (purpose << 32) + static_cast<uint32_t>(month);
}

}  // namespace

MonthPlan::MonthPlan(const Population& population, uint64_t seed, double share)
    : seed_(seed),
      first_day_(FirstDayOf(population.month(), PeriodUnit::kMonth)),
      last_day_(LastDayOf(population.month(), PeriodUnit::kMonth)),
      length_(ToNumber(last_day_) - ToNumber(first_day_) + 1),
      days_(population.registered()),
      first_new_(population.registered()) {
  while (first_new_ > 0 &&
         population.RegisteredOn(first_new_ - 1) >= first_day_) {
    --first_new_;
  }
  for (uint32_t user = first_new_; user < days_.size(); ++user) {
    registered_on_.push_back(population.RegisteredOn(user));
  }
  for (uint32_t user = 0; user < days_.size(); ++user) {
    days_[user] = PlanUser(population, user);
  }
  if (share < 1) Thin(share, population.month());
}

void MonthPlan::Thin(double share, int32_t month) {
  const int per_mille = static_cast<int>(std::lround(share * 1000));
  for (uint32_t user = 0; user < days_.size(); ++user) {
    Random random(seed_, user, OfMonth(kKeptDays, month));
    uint32_t kept = 0;
    for (int day = 0; day < length_; ++day) {
      const bool first =
          user >= first_new_ && registered_on_[user - first_new_] ==
                                    first_day_ + std::chrono::days(day);
      if (random.Chance(per_mille) || first) kept |= uint32_t{1} << day;
    }
    days_[user].app &= kept;
    days_[user].car &= kept;
  }
}

MonthPlan::Days MonthPlan::PlanUser(const Population& population,
                                    uint32_t user) const {
  const int32_t month = population.month();
  bool is_new = user >= first_new_;
  int first = is_new ? ToNumber(registered_on_[user - first_new_]) -
                           ToNumber(first_day_)
                     : 0;
  Habits habits = HabitsOf(seed_, user);
  Days days;
  bool active = population.IsActive(user);
  if (active) {
    days.app = PickDays(seed_, user, OfMonth(kAppDays, month),
                        habits.active_days, 1, length_, first, is_new);
  }
  int driving = habits.driving_days * SeasonOf(month).driving / 100;
  bool drives = active ? driving > 0 : population.DrivesIdle(user);
  if (drives) {
    if (driving == 0) driving = kIdleDrivingDays;
    days.car = PickDays(seed_, user, OfMonth(kCarDays, month), driving,
                        active ? 0 : 1, length_, first, false);
  }
  return days;
}

bool MonthPlan::Find(uint32_t user, LocalDay day, DayPlan* plan) const {
  int place = ToNumber(day) - ToNumber(first_day_);
  plan->opens_app = days_[user].app >> place & 1;
  plan->drives = days_[user].car >> place & 1;
  plan->not_before = 0;
  if (user >= first_new_ && registered_on_[user - first_new_] == day) {
    plan->not_before = RegistrationSecond(seed_, user);
  }
  return plan->opens_app || plan->drives;
}

}  // namespace rekindle

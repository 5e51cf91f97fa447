// One user's states, period by period.
#include <bit>
#include <vector>

#include "engine/audience/month_bits.h"
#include "engine/lifecycle/active_periods.h"
#include "engine/lifecycle/flows.h"

namespace rekindle {
namespace {

// Ascending, each once; the period of R first.
std::vector<int32_t> ActivePeriods(const Snapshot& facts, UserNumber user,
                                   int32_t registered, PeriodUnit unit) {
  std::vector<int32_t> active = {registered};
  const auto months = facts.masks().Months(BehaviorSet::kActivity);
  if (!months) return active;
  for (int32_t month = months->first; month <= months->second; ++month) {
    uint32_t bits = facts.DayMask(BehaviorSet::kActivity, user, month);
    if (bits == 0) continue;
    const auto period = PeriodsOfDays(month, unit);
    for (; bits != 0; bits &= bits - 1) {
      const int32_t p = period[std::countr_zero(bits)];
      if (p > active.back()) active.push_back(p);
    }
  }
  return active;
}

}  // namespace

void WalkStates(const Snapshot& facts, UserNumber user,
                const std::function<void(int32_t period, State)>& f) {
  if (facts.StateOf(user) == State::kUnknown) return;
  const LifecycleSettings& settings = facts.settings().lifecycle;
  const int32_t r = PeriodOf(facts.RegisteredOn(user), settings.period);
  const auto active = ActivePeriods(facts, user, r, settings.period);
  int32_t last_before = r;
  size_t next = 0;
  for (int32_t p = r; p <= facts.period(); ++p) {
    const bool now = next < active.size() && active[next] == p;
    f(p, StateOf(r, p, now, last_before, settings.churned_after));
    if (!now) continue;
    last_before = p;
    ++next;
  }
}

}  // namespace rekindle

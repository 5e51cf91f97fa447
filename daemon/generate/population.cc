#include "daemon/generate/population.h"

#include <algorithm>

#include "daemon/generate/seasons.h"

namespace rekindle {
namespace {

// Shares in per mille.
constexpr int kOldStays = 906;
constexpr int kNewStays = 905;
constexpr int kDormantWakes = 850;
constexpr int kChurnedReturns = 120;
constexpr int kStillDrives = 600;
constexpr int kChurnedAtStart = 105;

constexpr int kMonthsBefore = 24;  // with registrations, but no events
constexpr int kGrowth = 40;        // new users a month, per mille of the known
constexpr uint64_t kChain = 0xc4a1;  // the purpose of these draws

int32_t MonthOf(LocalDay day) { return PeriodOf(day, PeriodUnit::kMonth); }

int LengthOf(int32_t month) {
  return ToNumber(LastDayOf(month, PeriodUnit::kMonth)) -
         ToNumber(FirstDayOf(month, PeriodUnit::kMonth)) + 1;
}

struct MonthWeight {
  int32_t month;
  int days;
  int64_t weight;
};

// What share of all users registers in which month.
std::vector<MonthWeight> Weights(int32_t first, int months, LocalDay last_day) {
  constexpr int64_t kBase = 100'000'000;
  std::vector<MonthWeight> weights;
  int64_t known = 0;
  for (int i = 0; i < kMonthsBefore; ++i) {
    int32_t month = first - kMonthsBefore + i;
    int64_t share = kBase / kMonthsBefore * (80 + i * 40 / kMonthsBefore) / 100;
    weights.push_back({month, LengthOf(month), share});
    known += share;
  }
  for (int i = 0; i < months; ++i) {
    int32_t month = first + i;
    int length = LengthOf(month);
    int days = i + 1 < months
                   ? length
                   : ToNumber(last_day) -
                         ToNumber(FirstDayOf(month, PeriodUnit::kMonth)) + 1;
    int64_t share =
        known * kGrowth / 1000 * SeasonOf(month).sales / 100 * days / length;
    weights.push_back({month, days, share});
    known += share;
  }
  return weights;
}

}  // namespace

Population::Population(int64_t users, int months, uint64_t seed,
                       LocalDay last_day)
    : seed_(seed),
      first_month_(MonthOf(last_day) - months + 1),
      month_(first_month_ - 1),
      states_(users) {
  PlanCohorts(users, months, last_day);
  for (const Cohort& cohort : cohorts_) {
    if (cohort.month < first_month_) registered_ = cohort.end;
  }
}

void Population::PlanCohorts(int64_t users, int months, LocalDay last_day) {
  std::vector<MonthWeight> weights = Weights(first_month_, months, last_day);
  int64_t total = 0;
  for (const MonthWeight& w : weights) total += w.weight;
  int64_t so_far = 0;
  uint32_t first = 0;
  for (const MonthWeight& w : weights) {
    so_far += w.weight;
    // Whole users, all of them at the end; weights fit beside any number.
    uint32_t end = users * (so_far / 1000) / (total / 1000);
    if (so_far == total) end = users;
    cohorts_.push_back({w.month, first, end, w.days});
    first = end;
  }
}

const Population::Cohort& Population::CohortOf(uint32_t user) const {
  return *std::upper_bound(
      cohorts_.begin(), cohorts_.end(), user,
      [](uint32_t u, const Cohort& cohort) { return u < cohort.end; });
}

LocalDay Population::RegisteredOn(uint32_t user) const {
  const Cohort& cohort = CohortOf(user);
  uint64_t place = user - cohort.first;
  int day = place * cohort.days / (cohort.end - cohort.first);
  return FirstDayOf(cohort.month, PeriodUnit::kMonth) + std::chrono::days(day);
}

void Population::Advance() {
  ++month_;
  for (const Cohort& cohort : cohorts_) {
    if (cohort.month > month_) break;
    if (cohort.month == month_) {
      for (uint32_t u = cohort.first; u < cohort.end; ++u) {
        states_[u] = {0, false, true};
      }
      registered_ = cohort.end;
    } else {
      for (uint32_t u = cohort.first; u < cohort.end; ++u) {
        if (month_ == first_month_) {
          StartOld(u, cohort.month);
        } else {
          Step(u);
        }
      }
    }
  }
}

// A user who was there before the first month, in that month.
void Population::StartOld(uint32_t user, int32_t registered_in) {
  Random random(seed_, user, kChain + month_);
  states_[user] = {0, false, false};
  if (registered_in == month_ - 1) {
    states_[user].fresh = true;
    Step(user);
  } else if (dithers_.at_start.Draw(random, kChurnedAtStart)) {
    states_[user] = {2, dithers_.keeps.Draw(random, kStillDrives), false};
  }
}

void Population::Step(uint32_t user) {
  Random random(seed_, user, kChain + month_);
  State& state = states_[user];
  if (StaysActive(state, random)) {
    state = {0, false, false};
  } else {
    FallIdle(&state, random);
  }
}

bool Population::StaysActive(State state, Random& random) {
  int season = SeasonOf(month_).loyalty;
  if (state.fresh) return dithers_.fresh.Draw(random, kNewStays + season);
  if (state.idle == 0) return dithers_.old.Draw(random, kOldStays + season);
  if (state.idle == 1) {
    return dithers_.dormant[state.keeps_car].Draw(random,
                                                  kDormantWakes + season);
  }
  return dithers_.churned[state.keeps_car].Draw(random,
                                                kChurnedReturns + season / 2);
}

void Population::FallIdle(State* state, Random& random) {
  if (state->idle == 0) {
    state->keeps_car = dithers_.keeps.Draw(random, kStillDrives);
  }
  state->idle = state->idle == 0 ? 1 : 2;
  state->fresh = false;
}

}  // namespace rekindle

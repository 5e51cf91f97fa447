// Cohorts of users by the unit of their registration, and in which unit after
// it they are still active.
#include <algorithm>
#include <array>
#include <limits>

#include "engine/flows/active_periods.h"
#include "engine/flows/flows.h"

namespace rekindle {
namespace {

constexpr int32_t kNone = std::numeric_limits<int32_t>::min();

struct Cohort {
  int64_t size = 0;
  std::vector<int64_t> retained;  // by n; complete units only
};

class Cohorts {
 public:
  Cohorts(const Snapshot& facts, PeriodUnit unit)
      : facts_(facts), unit_(unit), last_(LastComplete()) {
    of_user_.assign(facts.users().size(), kNone);
    first_ = last_ + 1;
    facts.Known().ForEach([&](UserNumber user) {
      of_user_[user] = PeriodOf(facts.RegisteredOn(user), unit);
      first_ = std::min(first_, of_user_[user]);
    });
    cohorts_.resize(last_ - first_ + 1);
    for (int32_t cohort : of_user_) {
      if (cohort != kNone && cohort <= last_) ++cohorts_[cohort - first_].size;
    }
    // Cells for those alone that have users: one profile created in the year 1
    // puts very many empty cohorts before the others.
    for (size_t c = 0; c < cohorts_.size(); ++c) {
      if (cohorts_[c].size > 0) {
        cohorts_[c].retained.resize(cohorts_.size() - c);
      }
    }
  }

  void Block(BehaviorIndex behavior, uint32_t block) {
    std::array<int32_t, kBlockUsers> counted;
    counted.fill(kNone);
    const size_t base = size_t{block} * kBlockUsers;
    ForEachActivePeriod(facts_.masks(), behavior, unit_, block,
                        [&](uint32_t i, int32_t period) {
                          if (base + i >= of_user_.size()) return;
                          if (period <= counted[i]) return;
                          counted[i] = period;
                          Retain(of_user_[base + i], period);
                        });
  }

  std::vector<RetentionRow> Rows() const {
    std::vector<RetentionRow> rows;
    for (size_t c = 0; c < cohorts_.size(); ++c) {
      const Cohort& cohort = cohorts_[c];
      if (cohort.size == 0) continue;
      for (size_t n = 0; n < cohort.retained.size(); ++n) {
        rows.push_back({first_ + static_cast<int32_t>(c), cohort.size,
                        static_cast<int32_t>(n), cohort.retained[n]});
      }
    }
    return rows;
  }

 private:
  int32_t LastComplete() const {
    const int32_t period = PeriodOf(facts_.today(), unit_);
    const Instant end =
        facts_.settings().calendar.EndOf(LastDayOf(period, unit_));
    return facts_.as_of() >= end ? period : period - 1;
  }

  void Retain(int32_t cohort, int32_t period) {
    if (cohort == kNone || period < cohort || period > last_) return;
    ++cohorts_[cohort - first_].retained[period - cohort];
  }

  const Snapshot& facts_;
  const PeriodUnit unit_;
  const int32_t last_;  // the last complete period
  int32_t first_;       // the earliest cohort
  std::vector<int32_t> of_user_;
  std::vector<Cohort> cohorts_;  // from first_ to last_
};

}  // namespace

std::vector<RetentionRow> ComputeRetention(const Snapshot& facts,
                                           PeriodUnit unit,
                                           BehaviorIndex behavior) {
  Cohorts cohorts(facts, unit);
  const uint32_t size = facts.users().size();
  for (uint32_t block = 0; block * kBlockUsers < size; ++block) {
    cohorts.Block(behavior, block);
  }
  return cohorts.Rows();
}

}  // namespace rekindle

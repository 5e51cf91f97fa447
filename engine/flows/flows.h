// The lifecycle over time: how many users in each state, period by period, the
// four rates (engine/lifecycle/README.md), who moved from where to where, and
// how cohorts stay.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/model/state.h"

namespace rekindle {

// One period; counts by State. A rate with nobody in its denominator is absent.
struct FlowRow {
  int32_t period = 0;
  int64_t count[kStates] = {};
  int64_t total = 0;
  int64_t mau = 0;
  // How many of a group's users of the last period are active in this one.
  struct Share {
    int64_t active = 0;
    int64_t size = 0;
    std::optional<double> rate() const;
  };
  Share old_users, new_users, dormant, churned;
  std::optional<double> active_rate() const;
};

struct TransitionRow {
  int32_t period = 0;
  State from = State::kUnknown;  // kUnknown: new
  State to = State::kUnknown;
  int64_t users = 0;
};

// Every period from the earliest R to as_of's, from one walk over the users.
struct FlowTables {
  std::vector<FlowRow> flows;
  std::vector<TransitionRow> transitions;  // by period, from, to
};
FlowTables ComputeFlows(const Snapshot& facts);

struct RetentionRow {
  int32_t cohort = 0;  // period of R
  int64_t size = 0;
  int32_t n = 0;
  int64_t retained = 0;
};
// How many of each cohort did `behavior` in the n-th unit after that of their
// registration. Cells not yet complete at as_of are left out. For n = 0
// registration alone does not count.
std::vector<RetentionRow> ComputeRetention(const Snapshot& facts,
                                           PeriodUnit unit,
                                           BehaviorIndex behavior);

}  // namespace rekindle

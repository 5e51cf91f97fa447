// Every user's state in the period of one day: one scan over the activity
// columns (design.md 2.3).
#pragma once

#include <cstdint>
#include <vector>

#include "config/base/calendar.h"
#include "engine/event.h"
#include "engine/lifecycle/state.h"

namespace rekindle {

class Snapshot;

// One entry a user number; kUnknown where the user is not known at the day.
struct LifecycleTable {
  int32_t period = 0;  // the period of as_of
  std::vector<State> state;
  std::vector<int32_t> last_active;  // day number; registration counts
  std::vector<int32_t> registered;   // day number of R
};

LifecycleTable ComputeLifecycle(const Snapshot& facts);

}  // namespace rekindle

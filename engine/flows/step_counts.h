// How many users step from which state to which, period by period.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/model/state.h"

namespace rekindle {

// Keeps counts as differences between periods, so that a long silence of a user
// costs as much as a short one. Everything the flows show follows from these
// steps: the users of a state are those who step into it.
class StepCounts {
 public:
  // Users by 8 x from + to.
  using Steps = std::array<int64_t, kStates * kStates>;

  // For periods first..last. REQUIRES: first <= last.
  StepCounts(int32_t first, int32_t last);

  // One user steps from `from` to `to` in `period`.
  void Add(State from, State to, int32_t period) {
    AddRun(from, to, period, period);
  }
  // The same step in every period of first..last; none where last < first.
  void AddRun(State from, State to, int32_t first, int32_t last) {
    if (last < first) return;
    const size_t step = Index(from, to);
    ++changes_[first - first_][step];
    --changes_[last + 1 - first_][step];
  }
  // One entry a period.
  std::vector<Steps> Sum() const;

  static size_t Index(State from, State to) {
    return static_cast<size_t>(from) * kStates + static_cast<size_t>(to);
  }

 private:
  int32_t first_;
  std::vector<Steps> changes_;
};

}  // namespace rekindle

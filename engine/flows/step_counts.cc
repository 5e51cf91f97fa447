#include "engine/flows/step_counts.h"

namespace rekindle {

StepCounts::StepCounts(int32_t first, int32_t last)
    : first_(first), changes_(last - first + 2, Steps{}) {}

std::vector<StepCounts::Steps> StepCounts::Sum() const {
  std::vector<Steps> sums(changes_.begin(), changes_.end() - 1);
  for (size_t p = 1; p < sums.size(); ++p) {
    for (size_t i = 0; i < sums[p].size(); ++i) sums[p][i] += sums[p - 1][i];
  }
  return sums;
}

}  // namespace rekindle

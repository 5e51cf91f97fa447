#include "daemon/intake/intake_stats.h"

#include <algorithm>

namespace rekindle {

void IntakeStats::CountRequest(int status, std::chrono::microseconds took) {
  const auto place = std::find(kStatuses.begin(), kStatuses.end(), status);
  if (place != kStatuses.end()) ++requests_[place - kStatuses.begin()];
  const auto bucket =
      std::find_if(kBuckets.begin(), kBuckets.end(),
                   [&](int most) { return took.count() <= most * 1000; });
  ++took_[bucket - kBuckets.begin()];
  microseconds_ += took.count();
}

int64_t IntakeStats::requests(int status) const {
  const auto place = std::find(kStatuses.begin(), kStatuses.end(), status);
  return place == kStatuses.end() ? 0
                                  : requests_[place - kStatuses.begin()].load();
}

int64_t IntakeStats::refused() const {
  int64_t sum = 0;
  for (const auto& count : refused_) sum += count;
  return sum;
}

int64_t IntakeStats::within(size_t bucket) const {
  int64_t sum = 0;
  for (size_t i = 0; i <= bucket; ++i) sum += took_[i];
  return sum;
}

}  // namespace rekindle

#include "channels/channel_stats.h"

#include <algorithm>
#include <numeric>

namespace rekindle {

void ChannelStats::Add(const Outcome& outcome,
                       std::chrono::steady_clock::duration time) {
  ++outcomes[static_cast<size_t>(outcome.what)];
  const double value = std::chrono::duration<double>(time).count();
  const auto bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), value);
  ++took[bucket - kBuckets.begin()];
  seconds += value;
}

int64_t ChannelStats::count() const {
  return std::accumulate(took.begin(), took.end(), int64_t{0});
}

double ChannelStats::Quantile(double share) const {
  const int64_t all = count();
  if (all == 0) return 0;
  int64_t below = 0;
  for (size_t i = 0; i < kBuckets.size(); ++i) {
    below += took[i];
    if (below >= share * static_cast<double>(all)) return kBuckets[i];
  }
  return kBuckets.back();
}

}  // namespace rekindle

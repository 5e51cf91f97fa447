#include "channels/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace rekindle {

void RateLimiter::SetRate(double per_second) {
  if (per_second == per_second_) return;
  per_second_ = per_second;
  tokens_ = std::min(tokens_, 1.0);
}

double RateLimiter::Gathered(Time now) const {
  const double seconds = std::chrono::duration<double>(now - at_).count();
  const double most = std::max(1.0, per_second_ / 10);
  return std::min(most, tokens_ + seconds * per_second_);
}

bool RateLimiter::Take(Time now) {
  if (per_second_ == 0) return true;
  tokens_ = Gathered(now);
  at_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

std::chrono::milliseconds RateLimiter::Wait(Time now) const {
  if (per_second_ == 0) return std::chrono::milliseconds(0);
  const double missing = 1 - Gathered(now);
  if (missing <= 0) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(
      static_cast<int64_t>(std::ceil(missing / per_second_ * 1000)));
}

}  // namespace rekindle

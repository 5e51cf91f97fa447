// Lets a given number through a second, evenly: a token bucket.
#pragma once

#include <chrono>

namespace rekindle {

// One thread at a time. The caller gives the time; only differences matter.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // 0: no limit. A change of the rate leaves at most one token.
  void SetRate(double per_second);

  // Takes a token; false where there is none yet. At most a tenth of a second's
  // worth gathers (and at least one), so that a pause brings no burst.
  bool Take(Time now);
  // How long until there is a token.
  std::chrono::milliseconds Wait(Time now) const;

 private:
  double Gathered(Time now) const;

  double per_second_ = 0;
  double tokens_ = 1;
  Time at_{};
};

}  // namespace rekindle

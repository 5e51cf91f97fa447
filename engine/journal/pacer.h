// Slows down a chore that runs beside the appends.
#pragma once

#include <chrono>
#include <thread>

namespace rekindle {

// The chore works in steps and rests after each, up to five times as long as
// the step took: so appends wait a little all the time, not long now and then
// (as the cost-based delay of PostgreSQL's vacuum does). Not thread-safe.
class Pacer {
 public:
  // Call it between two steps. `time_left` is 1 where the chore has all the
  // time it likes, 0 where somebody waits for it.
  void Rest(double time_left) {
    const auto worked = Clock::now() - begun_;
    if (worked < kShortest) return;  // not worth waking up for
    std::this_thread::sleep_for(worked * (kMostRest * time_left));
    begun_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kShortest{1};
  static constexpr double kMostRest = 5;  // times what was worked

  Clock::time_point begun_ = Clock::now();
};

}  // namespace rekindle

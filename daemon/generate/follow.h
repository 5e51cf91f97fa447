// What touches changed: the goals of touched users in the weeks after.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/generate/car_app.h"

namespace rekindle {

// A stretch of time in milliseconds since 1970, both ends belonging to it.
struct TimeSpan {
  int64_t from = 0;
  int64_t to = 0;
};

struct GoalDraw {
  uint32_t user = 0;
  std::string touch_id;
  std::string event;  // "app_open" or "order_paid"
  Instant at;
};

// Immutable once read.
class Outcomes {
 public:
  // Reads the touches and draws their outcomes; no goal lies before the first
  // day. kUsage for a file that cannot be read so, a user who is not of the
  // history (below `users`), or an effect whose rule has no touch in the file.
  static Result<Outcomes> Read(const FollowOptions& follow, LocalDay first_day,
                               uint64_t seed, int64_t users);

  // True where the user does nothing at this time but what was drawn.
  bool Silences(uint32_t user, Instant at) const;
  const std::vector<GoalDraw>& goals() const { return goals_; }

 private:
  std::unordered_map<uint32_t, std::vector<TimeSpan>> windows_;
  std::vector<GoalDraw> goals_;
};

}  // namespace rekindle

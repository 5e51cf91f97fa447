// The people of the benchmark: two years of a content app, 2023-01-01 to
// 2024-12-31 in Asia/Shanghai. Sign-ups grow threefold; a third of the users
// stay less than a week, the rest fade exponentially; how active and how
// talkative one is, is log-normal; 28 % of a user's months are pauses; each has
// a taste of their own among twelve behaviors. All of it follows from the seed
// and the user alone, so that any day of any user can be asked for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rekindle::bench {

inline constexpr int kBehaviors = 12;
inline constexpr std::array<std::string_view, kBehaviors> kBehaviorNames = {
    "article_view", "search",       "comment",      "share",
    "favorite",     "video_play",   "order_create", "coupon_use",
    "message_send", "profile_edit", "live_watch",   "invite_friend"};

inline constexpr int kDays = 731;       // day 0 is 2023-01-01
inline constexpr int kWindowDay = 639;  // 2024-10-01: the preference window
inline constexpr int64_t kStart = 1672502400;  // 2023-01-01T00:00:00+08:00

struct GeneratedEvent {
  uint32_t at;       // unix seconds
  uint32_t user;     // from 1
  uint8_t behavior;  // index into kBehaviorNames
};

// Immutable; thread-safe.
class Population {
 public:
  Population(uint32_t users, uint64_t seed);

  uint32_t size() const { return static_cast<uint32_t>(joined_.size()); }
  uint64_t seed() const { return seed_; }
  // Users are counted from 0 here. Everybody is active on the day they join.
  int JoinedOn(uint32_t user) const { return joined_[user]; }
  bool IsActive(uint32_t user, int day) const {
    return day >= joined_[user] && day < gone_[user] && Shows(user, day);
  }
  // The last active day before `day`; REQUIRES: the user joined before it.
  int LastActiveBefore(uint32_t user, int day) const;
  // Appends what the user does on an active day, in no order.
  void AppendDay(uint32_t user, int day,
                 std::vector<GeneratedEvent>* events) const;

 private:
  struct Habits {
    float daily_chance;                    // of being active
    std::array<float, kBehaviors> tastes;  // cumulative
    float talkativeness;                   // scales events a day
  };

  uint64_t DayHash(uint32_t user, int day) const;
  bool Shows(uint32_t user, int day) const;

  const uint64_t seed_;
  std::vector<int16_t> months_;  // of each day, from 0
  // Apart from the habits: every day of the stream walks all of these.
  std::vector<int16_t> joined_, gone_;
  std::vector<Habits> habits_;
};

// The bijection all draws are made of (the finalizer of SplitMix64).
uint64_t Mix(uint64_t x);

}  // namespace rekindle::bench

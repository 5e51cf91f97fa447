// What is fixed for each user: habits, and the row of the users file.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "config/base/calendar.h"

namespace rekindle {

enum class Feature { kCarControl, kCharging, kNavigation, kCommunity, kShop };
inline constexpr int kFeatures = 5;

struct Habits {
  std::array<bool, kFeatures> favours{};  // one or two
  int active_days = 0;                    // of an active month
  int driving_days = 0;                   // of any month; 0: does not drive
};
Habits HabitsOf(uint64_t seed, uint32_t user);

// "u0000001" for user 0.
void AppendUserId(std::string* out, uint32_t user);
// The reverse; false for a text that is no such id.
bool ParseUserId(std::string_view text, uint32_t* user);

inline constexpr std::string_view kUsersHeader =
    "user_id,created_at,city,nickname,language,time_zone,vip,email,phone,"
    "push_token,car_model\n";
void AppendUserRow(std::string* out, uint64_t seed, uint32_t user,
                   LocalDay registered_on);

}  // namespace rekindle

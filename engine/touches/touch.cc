#include "engine/touches/touch.h"

#include <algorithm>

#include "config/base/hash.h"

namespace rekindle {
namespace {

constexpr std::array<std::string_view, kAllTouchStates.size()>
    kTouchStateNames = {"planned", "claimed",   "accepted", "failed",
                        "unknown", "delivered", "bounced",  "opened",
                        "clicked", "dropped",   "held_out"};

}  // namespace

std::string_view TouchStateName(TouchState state) {
  return kTouchStateNames[static_cast<size_t>(state)];
}

std::optional<TouchState> ParseTouchState(std::string_view word) {
  const auto found =
      std::find(kTouchStateNames.begin(), kTouchStateNames.end(), word);
  if (found == kTouchStateNames.end()) return std::nullopt;
  return static_cast<TouchState>(found - kTouchStateNames.begin());
}

bool IsFinal(TouchState state) {
  return state != TouchState::kPlanned && state != TouchState::kClaimed &&
         state != TouchState::kUnknown;
}

std::string TouchIdOf(std::string_view rule_id, std::string_view user_id,
                      Instant slot, int step) {
  return StableId(
      {rule_id, user_id, std::to_string(ToMillis(slot)), std::to_string(step)});
}

std::string_view ArmName(Arm arm) {
  return arm == Arm::kTreated ? "treated" : "held_out";
}

}  // namespace rekindle

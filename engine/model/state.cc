#include "engine/model/state.h"

namespace rekindle {
namespace {

constexpr std::array<std::string_view, kStates> kNames = {
    "",      "new",      "previous_new", "active",
    "woken", "returned", "dormant",      "churned"};

}  // namespace

std::string_view StateName(State state) {
  return kNames[static_cast<size_t>(state)];
}

std::optional<State> ParseState(std::string_view word) {
  for (State state : kAllStates) {
    if (StateName(state) == word) return state;
  }
  return std::nullopt;
}

State StateOf(int32_t r, int32_t m, bool active_now, int32_t last_before,
              int churned_after) {
  if (r == m) return State::kNew;
  const int32_t idle = m - last_before;
  if (!active_now) {
    return idle < churned_after ? State::kDormant : State::kChurned;
  }
  if (r == m - 1) return State::kPreviousNew;
  if (idle == 1) return State::kActive;
  return idle <= churned_after ? State::kWoken : State::kReturned;
}

}  // namespace rekindle

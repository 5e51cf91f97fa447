// The seven lifecycle states: exactly one per known user and period
// (engine/lifecycle/README.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rekindle {

// Stored: do not change the numbers.
enum class State : uint8_t {
  kUnknown = 0,  // not known (yet): no state
  kNew = 1,
  kPreviousNew = 2,
  kActive = 3,
  kWoken = 4,
  kReturned = 5,
  kDormant = 6,
  kChurned = 7,
};
inline constexpr int kStates = 8;  // with kUnknown
inline constexpr std::array<State, 7> kAllStates = {
    State::kNew,      State::kPreviousNew, State::kActive, State::kWoken,
    State::kReturned, State::kDormant,     State::kChurned};

std::string_view StateName(State state);  // "previous_new"; "" for kUnknown
std::optional<State> ParseState(std::string_view word);

// True for the five states that count into MAU.
inline bool IsActiveState(State s) {
  return s >= State::kNew && s <= State::kReturned;
}

// The definition itself, on period numbers. `r` is the period of registration,
// `m` the period asked about, `active_now` activity (or registration) in m,
// `last_before` the last active period before m (r where there was none
// later). REQUIRES: r <= m, last_before < m unless r == m, churned_after >= 1.
State StateOf(int32_t r, int32_t m, bool active_now, int32_t last_before,
              int churned_after);

}  // namespace rekindle

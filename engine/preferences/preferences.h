// Preference labels: on what share of their active days a user does what
// (design.md 2.4).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/audience/facts.h"

namespace rekindle {

class Snapshot;

// One entry a user number.
struct PreferenceTable {
  std::vector<uint16_t> active_days;        // in the user's window
  std::vector<std::vector<uint16_t>> days;  // by label, then user
  std::vector<UserSet> labeled;             // by label
  std::vector<uint16_t> top;                // label index + 1; 0: none
};

PreferenceTable ComputePreferences(const Snapshot& facts);

// The local days that the user's shares are taken over. REQUIRES: the user is
// known.
DayRange PreferenceWindow(const Snapshot& facts, UserNumber user);

}  // namespace rekindle

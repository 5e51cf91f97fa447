// Conditions on what users did, each told twice: as YAML for the engine, and as
// the question asked of a plain list of acts.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/reference/reference.h"

namespace rekindle::reference {

struct AskedCondition {
  std::string yaml;
  // `acts`: the user's, up to as_of.
  std::function<bool(const std::vector<Act>& acts, Instant as_of)> holds;
};

// did, did_not, breadth or drop, with random keys, over the behaviors of
// random histories (busy, open, drive, wares).
AskedCondition RandomCondition(const Rules& rules, std::mt19937_64& random);

}  // namespace rekindle::reference

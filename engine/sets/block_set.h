// The users of one block as bits, for passes over all users.
#pragma once

#include <array>
#include <cstdint>

#include "engine/sets/blocks.h"

namespace rekindle {

// Aligned to a cache line: a vector that lies across two takes several times as
// long.
struct alignas(64) BlockSet : std::array<uint64_t, kBlockWords> {};

}  // namespace rekindle

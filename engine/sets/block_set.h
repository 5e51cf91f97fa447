// The users of one block as bits: what passes over all users work with.
#pragma once

#include <array>
#include <cstdint>

#include "engine/sets/blocks.h"

namespace rekindle {

// At the start of a cache line: a vector that lies across two of them takes
// several times as long.
struct alignas(64) BlockSet : std::array<uint64_t, kBlockWords> {};

}  // namespace rekindle

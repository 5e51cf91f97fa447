// Comparisons of a whole block, as bits: the inner loops of states and labels.
// Vectors of 16 bytes, which every x86-64 has, and of 32 where the processor
// has them; the plain loop elsewhere.
#pragma once

#include <array>
#include <cstdint>

#include "engine/columns/mask_block.h"

namespace rekindle {

// Bit i of word w: values[64 w + i] < bound.
// REQUIRES: kBlockUsers values.
void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits);

// The least count that is enough, by number of active days.
using Floors = std::array<uint8_t, 256>;

// Bit i of word w, for each row of counts: counts[64 w + i] >=
// floors[active[64 w + i]]. `bits[r]` receives kBlockWords words of row r.
void Reached(const std::array<uint8_t, kBlockUsers>& active,
             const std::array<uint8_t, kBlockUsers>* rows, size_t row_count,
             const Floors& floors, uint64_t* const* bits);

}  // namespace rekindle

// Comparisons of a whole block, as bits: the inner loops of states and labels.
// Vectors of 16 bytes, which every x86-64 has, and of 32 or 64 where the
// processor has them; the plain loop elsewhere.
#pragma once

#include <array>
#include <cstdint>

#include "engine/columns/mask_block.h"

namespace rekindle {

// Bit i of word w: values[64 w + i] < bound.
// REQUIRES: kBlockUsers values.
void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits);

// Bit i of word w: marks[64 w + i] is kMark; the others are 0. What plain loops
// over a block find out comes as marks, which compilers make vectors of.
using Marks = std::array<uint8_t, kBlockUsers>;
inline constexpr uint8_t kMark = 0xff;
void Marked(const Marks& marks, std::array<uint64_t, kBlockWords>& bits);

// The least count that is enough, by number of active days.
using Floors = std::array<uint8_t, 256>;

// Users of a block side by side, 64 a word: bit i of word w is the value at
// 64 w + i. One word more than the largest number of them, so that 64 bits can
// be read from any place.
using DenseBits = std::array<uint64_t, kBlockWords + 1>;

// Bit i of word w: counts[64 w + i] >= needed[64 w + i]. REQUIRES: `words`
// times 64 of each.
void Reached(const uint8_t* counts, const uint8_t* needed, size_t words,
             DenseBits& bits);

// The i-th bit of `dense` goes to the place of the i-th set bit of `places`;
// the others are 0. `before[w]` says how many are set in the words before.
void Spread(const DenseBits& dense,
            const std::array<uint64_t, kBlockWords>& places,
            const std::array<uint16_t, kBlockWords>& before,
            std::array<uint64_t, kBlockWords>& bits);

}  // namespace rekindle

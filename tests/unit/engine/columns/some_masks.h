// Masks made up for tests of a block, and bits of what is found in one.
#pragma once

#include <array>
#include <cstdint>
#include <random>

#include "engine/columns/mask_block.h"

namespace rekindle {

// One in so many users of a block, with days in a month.
inline MaskBlock SomeMasks(std::mt19937& random, uint32_t one_in) {
  MaskBlock block;
  for (uint32_t user = 0; user < kBlockUsers; ++user) {
    if (random() % one_in == 0) block.Join(user, random() >> 1 | 1);
  }
  return block;
}

inline bool BitOf(const std::array<uint64_t, kBlockWords>& bits, uint32_t i) {
  return bits[i / 64] >> (i % 64) & 1;
}

}  // namespace rekindle

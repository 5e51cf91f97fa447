// Masks made up for tests of a block.
#pragma once

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

}  // namespace rekindle

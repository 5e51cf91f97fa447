// Loops over the day masks of a whole block: for who asks many questions about
// the same month.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/columns/mask_block.h"

namespace rekindle {

// By user of a block, from the start of a cache line; 0 for who has none.
struct alignas(64) MasksByUser : std::array<uint32_t, kBlockUsers> {};
struct alignas(64) DaysByUser : std::array<uint16_t, kBlockUsers> {};

// The block's masks, each at its user's place.
void Place(const MaskBlock& block, MasksByUser& masks);

// A month's masks, and which of its days count.
struct CountedMonth {
  const MasksByUser* masks;
  uint32_t bits;
};
// How many days of all the months each user has.
void CountDays(std::span<const CountedMonth> months, DaysByUser& counts);

// Adds the users with any of the bits.
void AddThoseWith(const MasksByUser& masks, uint32_t bits,
                  std::array<uint64_t, kBlockWords>& users);

}  // namespace rekindle

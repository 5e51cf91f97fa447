// Loops over the day masks of a whole block, for callers that ask many
// questions about the same month.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/columns/mask_block.h"

namespace rekindle {

// The masks by user of a block, from the start of a cache line; 0 for a user
// who has none.
struct alignas(64) MasksByUser : std::array<uint32_t, kBlockUsers> {};

// Puts each of the block's masks at its user's place.
void Place(const MaskBlock& block, MasksByUser& masks);

// A month's masks, and which of its days count.
struct CountedMonth {
  const MasksByUser* masks;
  uint32_t bits;
};
using CountedMonths = std::span<const CountedMonth>;

// Asks for the users who have at_least .. at_most days of some months.
struct DaysWithin {
  uint32_t at_least, at_most;
  uint64_t* users;  // kBlockWords words, set to the answer
};
// Answers all questions about the same months, whose days are counted once.
void AnswerDays(CountedMonths months, std::span<const DaysWithin> questions);

// Sets `users` to those who had days in `before` and have fewer in `now`, by at
// least `by` hundred-thousandths of them. REQUIRES: the months are 50 years at
// most.
void AnswerDropped(CountedMonths now, CountedMonths before, int32_t by,
                   std::array<uint64_t, kBlockWords>& users);

// Adds the users with any of the bits.
void AddThoseWith(const MasksByUser& masks, uint32_t bits,
                  std::array<uint64_t, kBlockWords>& users);

// The same for processors without wide vectors; elsewhere for tests alone.
namespace plain {
void Place(const MaskBlock& block, MasksByUser& masks);
void AnswerDays(CountedMonths months, std::span<const DaysWithin> questions);
void AnswerDropped(CountedMonths now, CountedMonths before, int32_t by,
                   std::array<uint64_t, kBlockWords>& users);
void AddThoseWith(const MasksByUser& masks, uint32_t bits,
                  std::array<uint64_t, kBlockWords>& users);
}  // namespace plain

}  // namespace rekindle

// Compares the values of a whole block and gives the results as bits: the inner
// loops of states and labels. They use vectors of 16 bytes, which every x86-64
// has, of 32 or 64 where the processor has them, and plain loops elsewhere.
#pragma once

#include <array>
#include <cstdint>

#include "engine/columns/mask_block.h"

namespace rekindle {

// Bit i of word w: values[64 w + i] < bound.
// REQUIRES: kBlockUsers values.
void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits);

// Bit i of word w: marks[64 w + i] is kMark; the others are 0. Loops over a
// block give marks, as compilers can vectorise those.
using Marks = std::array<uint8_t, kBlockUsers>;
inline constexpr uint8_t kMark = 0xff;
void Marked(const Marks& marks, std::array<uint64_t, kBlockWords>& bits);

// The least count that is enough, by number of active days.
using Floors = std::array<uint8_t, 256>;

// found[i] = floors[values[i]] for 64 values a word.
void LookUp(const uint8_t* values, size_t words, const Floors& floors,
            uint8_t* found);

// Bytes behind a row of counts that must be readable, whatever they hold: a
// whole word of users is compared at once, however few of them are there.
inline constexpr size_t kReadBehind = 64;

// Some users of a block; their counts are kept side by side in their order.
struct CountedUsers {
  const std::array<uint64_t, kBlockWords>& users;
  // How many there are in the words before each.
  const std::array<uint16_t, kBlockWords>& before;
};

// Bit i of word w of `bits`: user 64 w + i is one of `counted`, is among
// `others` (as bits), and has a count of at least what is needed. REQUIRES:
// kReadBehind bytes behind `counts` and `needed`.
void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits);

// The same for processors without wide vectors, and with some of 32 bytes;
// elsewhere for tests alone.
namespace plain {
void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits);
void Marked(const Marks& marks, std::array<uint64_t, kBlockWords>& bits);
void LookUp(const uint8_t* values, size_t words, const Floors& floors,
            uint8_t* found);
void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits);
}  // namespace plain
namespace halves {
// False where the processor cannot run these.
bool Work();
// REQUIRES: they work.
void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits);
}  // namespace halves

}  // namespace rekindle

// Makes masks side by side, as blocks keep them, from rows, and joins them. A
// rebuild does this to a million masks, so it is done sixteen at a time where
// the processor can.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/columns/mask_block.h"

namespace rekindle {

// The masks of some users of a block, in the order of users.
struct PackedMasks {
  std::span<const uint32_t> masks() const {
    return std::span(places).first(count);
  }

  std::array<uint64_t, kBlockWords> present;
  size_t count;
  // A vector is written whole, however few of its masks are there.
  std::array<uint32_t, kBlockUsers + 16> places;
};

// The union of both.
void JoinMasks(const MaskBlock& a, const MaskBlock& b, PackedMasks& joined);

// Packs the rows of a block's users, of `stride` masks each: the i-th masks of
// all rows become columns[i]. Sets the rows to 0. REQUIRES: the rows of users
// who are not `touched` are 0; stride is at least the number of columns.
void PackRows(uint32_t* rows, size_t stride,
              const std::array<uint64_t, kBlockWords>& touched,
              std::span<PackedMasks> columns);

// The same for processors without wide vectors; elsewhere for tests alone.
namespace plain {
void JoinMasks(const MaskBlock& a, const MaskBlock& b, PackedMasks& joined);
void PackRows(uint32_t* rows, size_t stride,
              const std::array<uint64_t, kBlockWords>& touched,
              std::span<PackedMasks> columns);
}  // namespace plain

}  // namespace rekindle

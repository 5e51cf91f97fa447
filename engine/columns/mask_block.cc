#include "engine/columns/mask_block.h"

#include <algorithm>
#include <utility>

namespace rekindle {

MaskBlock::MaskBlock(std::span<const uint64_t, kBlockWords> present,
                     std::span<const uint32_t> masks)
    : masks_(masks.begin(), masks.end()) {
  std::copy(present.begin(), present.end(), present_.begin());
  for (uint32_t mask : masks) days_ |= mask;
  CountBefore();
}

bool MaskBlock::Join(uint32_t user, uint32_t days) {
  const uint64_t bit = uint64_t{1} << (user % 64);
  const size_t index = IndexOf(user);
  days_ |= days;
  if (present_[user / 64] & bit) {
    uint32_t& there = masks_[index];
    if ((there | days) == there) return false;
    there |= days;
    return true;
  }
  if (days == 0) return false;
  // Doubling would leave half the room unused in thousands of blocks.
  if (masks_.size() == masks_.capacity()) {
    masks_.reserve(masks_.size() + masks_.size() / 8 + 4);
  }
  masks_.insert(masks_.begin() + static_cast<ptrdiff_t>(index), days);
  present_[user / 64] |= bit;
  Shift(user / 64 + 1, 1);
  return true;
}

uint32_t MaskBlock::Take(uint32_t user) {
  const uint32_t taken = Get(user);
  if (taken == 0) return 0;
  masks_.erase(masks_.begin() + static_cast<ptrdiff_t>(IndexOf(user)));
  present_[user / 64] &= ~(uint64_t{1} << (user % 64));
  Shift(user / 64 + 1, -1);
  return taken;
}

void MaskBlock::Shift(uint32_t from_word, int by) {
  for (uint32_t w = from_word; w < kBlockWords; ++w) {
    before_[w] = static_cast<uint16_t>(before_[w] + by);
  }
}

void MaskBlock::CountBefore() {
  int before = 0;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    before_[w] = static_cast<uint16_t>(before);
    before += std::popcount(present_[w]);
  }
}

}  // namespace rekindle

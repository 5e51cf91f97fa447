#include "engine/columns/mask_block.h"

#include <algorithm>
#include <utility>

#include "config/base/vector_code.h"
#include "engine/columns/packed_masks.h"

namespace rekindle {
namespace {

REKINDLE_VECTOR_CODE uint32_t UnionOf(const uint32_t* masks, size_t count) {
  Sixteen unions{};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    unions |= *reinterpret_cast<const Sixteen*>(masks + i);
  }
  uint32_t all = 0;
  for (; i < count; ++i) all |= masks[i];
  for (size_t k = 0; k < 16; ++k) all |= unions[k];
  return all;
}

REKINDLE_VECTOR_CODE void CountBits(const uint64_t* words, uint16_t* before) {
  int count = 0;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    before[w] = static_cast<uint16_t>(count);
    count += std::popcount(words[w]);
  }
}

}  // namespace

MaskBlock::MaskBlock(std::span<const uint64_t, kBlockWords> present,
                     std::span<const uint32_t> masks)
    : masks_(masks.begin(), masks.end()) {
  std::copy(present.begin(), present.end(), present_.begin());
  days_ = UnionOf(masks.data(), masks.size());
  CountBefore();
}

bool MaskBlock::Join(uint32_t user, uint32_t days) {
  const uint64_t bit = uint64_t{1} << (user % 64);
  const size_t index = IndexOf(user);
  days_ |= days;
  if (joins_ < kBusy) ++joins_;
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

void MaskBlock::Join(const MaskBlock& other) {
  PackedMasks joined;
  JoinMasks(*this, other, joined);
  present_ = joined.present;
  masks_ = {joined.masks().begin(), joined.masks().end()};
  days_ |= other.days_;
  CountBefore();
}

uint32_t MaskBlock::Take(uint32_t user) {
  const uint32_t taken = Get(user);
  if (taken == 0) return 0;
  masks_.erase(masks_.begin() + static_cast<ptrdiff_t>(IndexOf(user)));
  present_[user / 64] &= ~(uint64_t{1} << (user % 64));
  Shift(user / 64 + 1, -1);
  return taken;
}

// All words, the first ones by nothing: a loop of a known length is done in
// vectors.
void MaskBlock::Shift(uint32_t from_word, int by) {
  static constexpr auto kSteps = [] {
    std::array<uint16_t, 2 * kBlockWords> steps{};
    std::fill_n(steps.begin() + kBlockWords, kBlockWords, uint16_t{1});
    return steps;
  }();
  const uint16_t* const steps = kSteps.data() + kBlockWords - from_word;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    before_[w] = static_cast<uint16_t>(before_[w] + by * steps[w]);
  }
}

void MaskBlock::CountBefore() { CountBits(present_.data(), before_.data()); }

}  // namespace rekindle

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

void MaskBlock::Join(const MaskBlock& other) {
  size_t users = 0;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    users +=
        static_cast<size_t>(std::popcount(present_[w] | other.present_[w]));
  }
  std::vector<uint32_t> joined;
  joined.reserve(users);
  auto mine = masks_.begin();
  auto theirs = other.masks_.begin();
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const uint64_t all = present_[w] | other.present_[w];
    for (uint64_t rest = all; rest != 0; rest &= rest - 1) {
      const uint64_t bit = rest & (~rest + 1);
      joined.push_back(((present_[w] & bit) != 0 ? *mine++ : 0) |
                       ((other.present_[w] & bit) != 0 ? *theirs++ : 0));
    }
    present_[w] = all;
  }
  masks_ = std::move(joined);
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

void MaskBlock::CountBefore() {
  int before = 0;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    before_[w] = static_cast<uint16_t>(before);
    before += std::popcount(present_[w]);
  }
}

}  // namespace rekindle

// The days of one behavior in one natural month, for a block of users: one
// 31-bit mask a user (bit 0 is the 1st), kept only for those who have one.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "config/base/prefetch.h"
#include "engine/sets/blocks.h"

namespace rekindle {

// A bitmap of the users who have a mask, and their masks side by side in order
// of users: a month of a million users, a quarter of whom have one, takes a
// million bytes. Users are counted from 0 inside the block. Not thread-safe
// while written.
class MaskBlock {
 public:
  MaskBlock() = default;
  // The users whose bits are set, and their masks in that order. REQUIRES: as
  // many masks as bits; no mask is 0.
  MaskBlock(std::span<const uint64_t, kBlockWords> present,
            std::span<const uint32_t> masks);

  uint32_t Get(uint32_t user) const {
    const uint64_t bit = uint64_t{1} << (user % 64);
    if ((present_[user / 64] & bit) == 0) return 0;
    return masks_[IndexOf(user)];
  }
  // Adds the days. True where that changed anything.
  bool Join(uint32_t user, uint32_t days);
  void Join(const MaskBlock& other);
  // Takes the user's days out, and returns them.
  uint32_t Take(uint32_t user);

  // Bit i of word w is user 64 w + i.
  std::span<const uint64_t, kBlockWords> present() const { return present_; }
  // The masks of those who are present, in their order.
  std::span<const uint32_t> masks() const { return masks_; }
  bool empty() const { return masks_.empty(); }
  // All days that users of the block have, and perhaps some that were taken
  // out.
  uint32_t days() const { return days_; }

  // f(user, mask) in ascending order of users.
  template <class F>
  void ForEach(F&& f) const {
    size_t next = 0;
    for (uint32_t w = 0; w < kBlockWords; ++w) {
      for (uint64_t bits = present_[w]; bits != 0; bits &= bits - 1) {
        f(w * 64 + static_cast<uint32_t>(std::countr_zero(bits)),
          masks_[next++]);
      }
    }
  }
  // Whether many days were added one by one since the last call, so that more
  // are likely to come. Begins to count anew.
  bool TakeBusy() { return std::exchange(joins_, uint8_t{0}) >= kBusy; }
  // Frees spare room. Like a write: nobody may read meanwhile.
  void Shrink() { masks_.shrink_to_fit(); }

  // Begins to fetch everything but the masks themselves.
  void Prefetch() const { PrefetchRange(this, &before_); }

  bool dirty = false;  // not yet saved as it stands

 private:
  static constexpr uint8_t kBusy = 64;

  size_t IndexOf(uint32_t user) const {
    const uint64_t below = (uint64_t{1} << (user % 64)) - 1;
    return before_[user / 64] +
           static_cast<size_t>(std::popcount(present_[user / 64] & below));
  }
  void Shift(uint32_t from_word, int by);
  void CountBefore();

  // In the order in which a pass over all users needs them.
  std::vector<uint32_t> masks_;
  uint32_t days_ = 0;
  uint8_t joins_ = 0;  // counted up to kBusy
  std::array<uint64_t, kBlockWords> present_{};
  std::array<uint16_t, kBlockWords> before_{};  // users in the words before
};

}  // namespace rekindle

// Memory for the sets that a snapshot finds, kept for the next snapshot: to
// touch fresh memory for the first time costs more than to fill it.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/sets/user_set.h"

namespace rekindle {

// Thread-safe. Memory that was taken may outlive it.
class SetMemory {
 public:
  SetMemory();
  // Gives `words` words of any content. They come back when their last holder
  // lets go; the largest piece is kept for the next time.
  UserSet::Memory Take(size_t words);

 private:
  struct Spare;
  std::shared_ptr<Spare> spare_;
};

// Several sets over the same users, side by side, to be filled block by block:
// each has room for whole blocks.
class SetRows {
 public:
  SetRows(SetMemory& memory, size_t sets, uint32_t universe);

  // The set's words, to be filled; bits past the universe must be 0.
  uint64_t* words(size_t set) const { return memory_.get() + set * size_; }
  // Users that a set has room for.
  uint32_t room() const { return static_cast<uint32_t>(size_ * 64); }
  // The set itself; its words are not written any more.
  UserSet Get(size_t set) const {
    return UserSet(universe_, UserSet::Memory(memory_, words(set)));
  }

 private:
  const uint32_t universe_;
  const size_t size_;  // words of a set
  const UserSet::Memory memory_;
};

}  // namespace rekindle

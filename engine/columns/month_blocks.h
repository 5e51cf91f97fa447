// The mask blocks of one behavior and month, some of them still on disk.
#pragma once

#include <atomic>
#include <deque>
#include <memory>

#include "engine/columns/mask_block.h"

namespace rekindle {

// Reading (Get, with a reader that is thread-safe) may go on from many threads;
// everything else excludes it.
class MonthBlocks {
 public:
  MonthBlocks() = default;
  MonthBlocks(const MonthBlocks&) = delete;
  MonthBlocks& operator=(const MonthBlocks&) = delete;
  ~MonthBlocks();

  uint32_t size() const { return static_cast<uint32_t>(slots_.size()); }
  // The block; nullptr where nobody of it is there. One that is still on disk
  // is read by read(block) -> std::unique_ptr<MaskBlock>, which may be called
  // by several threads at once for the same block: the first one counts.
  template <class Read>
  MaskBlock* Get(uint32_t block, Read&& read) const {
    if (block >= slots_.size()) return nullptr;
    MaskBlock* found = slots_[block].load(std::memory_order_acquire);
    if (found != Unread()) return found;
    return Keep(block, read(block));
  }
  // The block if it is in memory, else nullptr.
  MaskBlock* InMemory(uint32_t block) const {
    if (block >= slots_.size()) return nullptr;
    MaskBlock* found = slots_[block].load(std::memory_order_acquire);
    return found == Unread() ? nullptr : found;
  }
  // REQUIRES: the block is not on disk alone.
  MaskBlock& GetOrAdd(uint32_t block);

  // The first `blocks` blocks stand on disk, or do not exist.
  void LeaveOnDisk(uint32_t blocks);
  void Put(uint32_t block, std::unique_ptr<MaskBlock> read);
  // Drops what is saved from memory; it is read again when asked for. What was
  // busy since the last time stays.
  void Release();
  // Gives back room that growing left over, but where it is needed soon again:
  // as above.
  void Shrink();

 private:
  static MaskBlock* Unread();
  MaskBlock* Keep(uint32_t block, std::unique_ptr<MaskBlock> read) const;
  void Grow(uint32_t blocks);

  mutable std::deque<std::atomic<MaskBlock*>> slots_;  // owned
};

}  // namespace rekindle

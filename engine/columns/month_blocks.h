// The mask blocks of one behavior and month, some of them still on disk.
#pragma once

#include <atomic>
#include <deque>
#include <memory>

#include "engine/columns/mask_block.h"

namespace rekindle {

// Many threads may call Get at once, with a thread-safe reader; everything else
// excludes them.
class MonthBlocks {
 public:
  MonthBlocks() = default;
  MonthBlocks(const MonthBlocks&) = delete;
  MonthBlocks& operator=(const MonthBlocks&) = delete;
  ~MonthBlocks();

  uint32_t size() const { return static_cast<uint32_t>(slots_.size()); }
  // The block; nullptr where it does not exist. One that is still on disk is
  // read by read(block) -> std::unique_ptr<MaskBlock>, which may be called by
  // several threads at once for the same block: the first one counts.
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
  // The block, made where there is none. REQUIRES: it is not only on disk.
  MaskBlock& GetOrAdd(uint32_t block);

  // The first `blocks` blocks stand on disk, or do not exist.
  void LeaveOnDisk(uint32_t blocks);
  void Put(uint32_t block, std::unique_ptr<MaskBlock> read);
  // Drops saved blocks from memory; they are read again when asked for. Blocks
  // that were busy (MaskBlock::TakeBusy) since the last time stay.
  void Release();
  // Frees the spare room of all blocks but busy ones.
  void Shrink();

 private:
  static MaskBlock* Unread();
  MaskBlock* Keep(uint32_t block, std::unique_ptr<MaskBlock> read) const;
  void Grow(uint32_t blocks);

  mutable std::deque<std::atomic<MaskBlock*>> slots_;  // owned
};

}  // namespace rekindle

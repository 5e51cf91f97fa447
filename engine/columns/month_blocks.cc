#include "engine/columns/month_blocks.h"

namespace rekindle {

MonthBlocks::~MonthBlocks() {
  for (auto& slot : slots_) {
    if (slot != Unread()) delete slot.load();
  }
}

MaskBlock& MonthBlocks::GetOrAdd(uint32_t block) {
  Grow(block + 1);
  if (slots_[block] == nullptr) slots_[block] = new MaskBlock;
  return *slots_[block];
}

void MonthBlocks::LeaveOnDisk(uint32_t blocks) {
  Grow(blocks);
  for (uint32_t block = 0; block < blocks; ++block) slots_[block] = Unread();
}

void MonthBlocks::Put(uint32_t block, std::unique_ptr<MaskBlock> read) {
  Grow(block + 1);
  if (slots_[block] != Unread()) delete slots_[block].load();
  slots_[block] = read.release();
}

void MonthBlocks::Release() {
  for (auto& slot : slots_) {
    MaskBlock* block = slot;
    if (block == Unread()) continue;
    const bool is_busy = block != nullptr && block->TakeBusy();
    if (is_busy || (block != nullptr && block->dirty)) continue;
    delete block;
    slot = Unread();
  }
}

void MonthBlocks::Shrink() {
  for (uint32_t block = 0; block < size(); ++block) {
    MaskBlock* found = InMemory(block);
    if (found != nullptr && !found->TakeBusy()) found->Shrink();
  }
}

// A block that nobody else ever sees: its address says "on disk".
MaskBlock* MonthBlocks::Unread() {
  static MaskBlock mark;
  return &mark;
}

MaskBlock* MonthBlocks::Keep(uint32_t block,
                             std::unique_ptr<MaskBlock> read) const {
  MaskBlock* expected = Unread();
  if (slots_[block].compare_exchange_strong(expected, read.get(),
                                            std::memory_order_acq_rel)) {
    return read.release();
  }
  return expected;
}

void MonthBlocks::Grow(uint32_t blocks) {
  while (slots_.size() < blocks) slots_.emplace_back(nullptr);
}

}  // namespace rekindle

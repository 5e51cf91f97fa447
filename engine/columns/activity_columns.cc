#include "engine/columns/activity_columns.h"

#include <type_traits>
#include <utility>

namespace rekindle {
namespace {

template <class Block>
Block* Find(const std::vector<std::unique_ptr<Block>>& blocks,
            UserNumber user) {
  const size_t block = user / kBlockUsers;
  return block < blocks.size() ? blocks[block].get() : nullptr;
}

template <class Block>
Block EmptyBlock(bool dirty) {
  Block block;
  block.dirty = dirty;
  if constexpr (std::is_same_v<Block, LastBlock>) block.at.fill(kNever);
  return block;
}

template <class Block>
Block& FindOrAdd(std::vector<std::unique_ptr<Block>>& blocks, UserNumber user) {
  const size_t block = user / kBlockUsers;
  if (block >= blocks.size()) blocks.resize(block + 1);
  if (!blocks[block]) {
    blocks[block] = std::make_unique<Block>(EmptyBlock<Block>(false));
  }
  return *blocks[block];
}

// A mask or last time is marked dirty only where it changes, so that a tail
// applied again does not save every block once more.
void Join(std::vector<std::unique_ptr<MaskBlock>>& blocks, UserNumber user,
          uint32_t mask) {
  MaskBlock& block = FindOrAdd(blocks, user);
  uint32_t& present = block.masks[user % kBlockUsers];
  if ((present | mask) == present) return;
  present |= mask;
  block.dirty = true;
}

void Join(std::vector<std::unique_ptr<LastBlock>>& blocks, UserNumber user,
          int64_t at) {
  LastBlock& block = FindOrAdd(blocks, user);
  int64_t& last = block.at[user % kBlockUsers];
  if (at <= last) return;
  last = at;
  block.dirty = true;
}

// What the user had in the column; nothing of it is left.
uint32_t Take(const std::vector<std::unique_ptr<MaskBlock>>& blocks,
              UserNumber user) {
  MaskBlock* block = Find(blocks, user);
  if (block == nullptr || block->masks[user % kBlockUsers] == 0) return 0;
  block->dirty = true;
  return std::exchange(block->masks[user % kBlockUsers], 0);
}

int64_t Take(const std::vector<std::unique_ptr<LastBlock>>& blocks,
             UserNumber user) {
  LastBlock* block = Find(blocks, user);
  if (block == nullptr || block->at[user % kBlockUsers] == kNever) {
    return kNever;
  }
  block->dirty = true;
  return std::exchange(block->at[user % kBlockUsers], kNever);
}

}  // namespace

ActivityColumns::ActivityColumns(size_t behaviors) : columns_(behaviors) {}

void ActivityColumns::Mark(BehaviorIndex behavior, UserNumber user,
                           const Moment& when) {
  Column& column = columns_[behavior];
  const std::chrono::year_month_day date{when.day};
  const uint32_t bit = static_cast<unsigned>(date.day()) - 1;
  const int32_t month = PeriodOf(when.day, PeriodUnit::kMonth);
  Join(column.months[month], user, uint32_t{1} << bit);
  Join(column.last, user, ToMillis(when.at));
}

void ActivityColumns::Merge(UserNumber from, UserNumber into) {
  for (Column& column : columns_) {
    const int64_t last = Take(column.last, from);
    if (last == kNever) continue;  // then no day is set either
    Join(column.last, into, last);
    for (auto& [month, blocks] : column.months) {
      if (uint32_t mask = Take(blocks, from)) Join(blocks, into, mask);
    }
  }
}

void ActivityColumns::Erase(UserNumber user) {
  for (Column& column : columns_) {
    Take(column.last, user);
    for (auto& [month, blocks] : column.months) Take(blocks, user);
  }
}

void ActivityColumns::Clear(BehaviorIndex behavior) {
  // The blocks stay, so that the stored ones are known to be out of date.
  Column& column = columns_[behavior];
  for (auto& block : column.last) {
    if (block) *block = EmptyBlock<LastBlock>(true);
  }
  for (auto& [month, blocks] : column.months) {
    for (auto& block : blocks) {
      if (block) *block = EmptyBlock<MaskBlock>(true);
    }
  }
}

std::optional<std::pair<int32_t, int32_t>> ActivityColumns::Months(
    BehaviorIndex b) const {
  const auto& months = columns_[b].months;
  if (months.empty()) return std::nullopt;
  return std::pair(months.begin()->first, months.rbegin()->first);
}

const MaskBlock* ActivityColumns::Block(BehaviorIndex b, int32_t month,
                                        uint32_t block) const {
  const auto& months = columns_[b].months;
  const auto found = months.find(month);
  if (found == months.end() || block >= found->second.size()) return nullptr;
  return found->second[block].get();
}

uint32_t ActivityColumns::DayMask(BehaviorIndex b, UserNumber user,
                                  int32_t month) const {
  const MaskBlock* block = Block(b, month, user / kBlockUsers);
  return block == nullptr ? 0 : block->masks[user % kBlockUsers];
}

std::optional<Instant> ActivityColumns::Last(BehaviorIndex b,
                                             UserNumber user) const {
  const LastBlock* block = Find(columns_[b].last, user);
  if (block == nullptr) return std::nullopt;
  const int64_t at = block->at[user % kBlockUsers];
  if (at == kNever) return std::nullopt;
  return FromMillis(at);
}

}  // namespace rekindle

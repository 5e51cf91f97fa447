#include "engine/columns/day_counters.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/columns/activity_columns.h"
#include "engine/columns/byte_scan.h"

namespace rekindle {
namespace {

// Rows begin at whole words of users, and have room for some more.
constexpr size_t kWord = 64;

}  // namespace

std::optional<size_t> DayCounters::Block::IndexOf(uint32_t user) const {
  const uint64_t bit = uint64_t{1} << (user % 64);
  const uint64_t word = users_[user / 64];
  if ((word & bit) == 0) return std::nullopt;
  return before_[user / 64] +
         static_cast<size_t>(std::popcount(word & (bit - 1)));
}

void DayCounters::Block::MakeRoom(size_t size) {
  if (size <= capacity_) return;
  const size_t capacity = (size + size / 16 + kWord) / kWord * kWord;
  std::vector<uint8_t> larger(rows_ * capacity + kReadBehind);
  for (size_t row = 0; row < rows_; ++row) {
    std::copy_n(Row(row), size_, larger.data() + row * capacity);
  }
  counts_ = std::move(larger);
  capacity_ = capacity;
}

size_t DayCounters::Block::Insert(uint32_t user) {
  if (const auto there = IndexOf(user)) return *there;
  MakeRoom(size_ + 1);
  users_[user / 64] |= uint64_t{1} << (user % 64);
  for (uint32_t w = user / 64 + 1; w < kBlockWords; ++w) ++before_[w];
  const size_t index = *IndexOf(user);
  for (size_t row = 0; row < rows_; ++row) {
    uint8_t* counts = Row(row);
    std::copy_backward(counts + index, counts + size_, counts + size_ + 1);
    counts[index] = 0;
  }
  ++size_;
  return index;
}

DayCounters::DayCounters(const ActivityColumns& columns, CountedWindow window,
                         uint32_t users, Workers& workers)
    : window_(std::move(window)), blocks_(BlocksOf(users)) {
  workers.ForEach(blocks_.size(), [&](size_t block) {
    CountBlock(columns, static_cast<uint32_t>(block));
  });
}

void DayCounters::CountBlock(const ActivityColumns& columns, uint32_t block) {
  Block counts(window_.behaviors.size());
  for (int32_t m = window_.first_month; m <= window_.last_month; ++m) {
    const MaskBlock* active = columns.Block(BehaviorSet::kActivity, m, block);
    if (active == nullptr) continue;
    for (uint32_t w = 0; w < kBlockWords; ++w) {
      counts.users_[w] |= active->present()[w];
    }
  }
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    counts.before_[w] = static_cast<uint16_t>(counts.size_);
    counts.size_ += static_cast<size_t>(std::popcount(counts.users_[w]));
  }
  if (counts.size_ == 0) return;
  const size_t size = std::exchange(counts.size_, 0);
  counts.MakeRoom(size);
  counts.size_ = size;
  for (int32_t m = window_.first_month; m <= window_.last_month; ++m) {
    const MaskBlock* active = columns.Block(BehaviorSet::kActivity, m, block);
    if (active == nullptr) continue;
    std::array<uint32_t, kBlockUsers> days{};
    active->ForEach([&](uint32_t user, uint32_t mask) {
      days[user] = mask;
      counts.Row(0)[*counts.IndexOf(user)] +=
          static_cast<uint8_t>(std::popcount(mask));
    });
    for (size_t i = 0; i < window_.behaviors.size(); ++i) {
      const MaskBlock* did = columns.Block(window_.behaviors[i], m, block);
      if (did == nullptr) continue;
      uint8_t* both = counts.Row(1 + i);
      did->ForEach([&](uint32_t user, uint32_t mask) {
        if ((mask & days[user]) == 0) return;
        both[*counts.IndexOf(user)] +=
            static_cast<uint8_t>(std::popcount(mask & days[user]));
      });
    }
  }
  blocks_[block] = std::make_unique<Block>(std::move(counts));
}

void DayCounters::Note(const ActivityColumns& columns, BehaviorIndex behavior,
                       UserNumber user, int32_t month, uint32_t day) {
  if (!window_.Holds(month)) return;
  const bool active = behavior == BehaviorSet::kActivity;
  if (!active &&
      !(columns.DayMask(BehaviorSet::kActivity, user, month) & day)) {
    return;
  }
  Block& counts = BlockOf(user);
  const size_t index = counts.Insert(user % kBlockUsers);
  counts.Row(0)[index] += active;
  for (size_t i = 0; i < window_.behaviors.size(); ++i) {
    const BehaviorIndex counted = window_.behaviors[i];
    const bool both =
        counted == behavior ||
        (active && (columns.DayMask(counted, user, month) & day) != 0);
    counts.Row(1 + i)[index] += both;
  }
}

void DayCounters::Recount(const ActivityColumns& columns, UserNumber user) {
  Block& counts = BlockOf(user);
  const size_t index = counts.Insert(user % kBlockUsers);
  for (size_t row = 0; row < counts.rows_; ++row) counts.Row(row)[index] = 0;
  for (int32_t m = window_.first_month; m <= window_.last_month; ++m) {
    const uint32_t days = columns.DayMask(BehaviorSet::kActivity, user, m);
    counts.Row(0)[index] += static_cast<uint8_t>(std::popcount(days));
    for (size_t i = 0; days != 0 && i < window_.behaviors.size(); ++i) {
      const uint32_t did = columns.DayMask(window_.behaviors[i], user, m);
      counts.Row(1 + i)[index] +=
          static_cast<uint8_t>(std::popcount(days & did));
    }
  }
}

DayCounters::Block& DayCounters::BlockOf(UserNumber user) {
  const size_t block = user / kBlockUsers;
  if (block >= blocks_.size()) blocks_.resize(block + 1);
  if (!blocks_[block]) {
    blocks_[block] = std::make_unique<Block>(window_.behaviors.size());
  }
  return *blocks_[block];
}

}  // namespace rekindle

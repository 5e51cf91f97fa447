#include "engine/columns/activity_columns.h"

#include <utility>

namespace rekindle {
namespace {

constexpr BehaviorIndex kActivity = BehaviorSet::kActivity;

LastBlock EmptyLasts() {
  LastBlock block;
  block.at.fill(kNever);
  return block;
}

LastBlock* FindLasts(const std::vector<std::unique_ptr<LastBlock>>& blocks,
                     UserNumber user) {
  const size_t block = user / kBlockUsers;
  return block < blocks.size() ? blocks[block].get() : nullptr;
}

int64_t TakeLast(const std::vector<std::unique_ptr<LastBlock>>& blocks,
                 UserNumber user) {
  LastBlock* block = FindLasts(blocks, user);
  if (block == nullptr || block->at[user % kBlockUsers] == kNever) {
    return kNever;
  }
  block->dirty = true;
  return std::exchange(block->at[user % kBlockUsers], kNever);
}

}  // namespace

MonthBlocks& ActivityColumns::Column::month(int32_t month) {
  if (latest_.second != nullptr && latest_.first == month) {
    return *latest_.second;
  }
  auto& blocks = months[month];
  if (!blocks) blocks = std::make_unique<MonthBlocks>();
  latest_ = {month, blocks.get()};
  return *blocks;
}

ActivityColumns::ActivityColumns(size_t behaviors, BlockReader reader)
    : columns_(behaviors),
      reader_(std::move(reader)),
      counters_mutex_(std::make_unique<std::mutex>()) {}

void ActivityColumns::Mark(BehaviorIndex behavior, UserNumber user,
                           const Moment& when) {
  if (when.day != marked_.day || marked_.bit == 0) {
    const std::chrono::year_month_day date{when.day};
    marked_ = {when.day, PeriodOf(when.day, PeriodUnit::kMonth),
               uint32_t{1} << (static_cast<unsigned>(date.day()) - 1)};
  }
  if (Put(behavior, user, marked_.month, marked_.bit) && counters_) {
    counters_->Note(*this, behavior, user, marked_.month, marked_.bit);
  }
  if (behavior == kActivity) JoinLast(user, ToMillis(when.at));
}

bool ActivityColumns::Put(BehaviorIndex b, UserNumber user, int32_t month,
                          uint32_t days) {
  const uint32_t block = user / kBlockUsers;
  MonthBlocks& blocks = columns_[b].month(month);
  MaskBlock* masks = FindIn(blocks, b, month, block);
  if (masks == nullptr) masks = &blocks.GetOrAdd(block);
  if (!masks->Join(user % kBlockUsers, days)) return false;
  return masks->dirty = true;
}

uint32_t ActivityColumns::Take(BehaviorIndex b, UserNumber user,
                               int32_t month) {
  MaskBlock* block = Find(b, month, user / kBlockUsers);
  const uint32_t days = block ? block->Take(user % kBlockUsers) : 0;
  if (days != 0) block->dirty = true;
  return days;
}

void ActivityColumns::Join(BehaviorIndex b, int32_t month, uint32_t block,
                           std::unique_ptr<MaskBlock> masks) {
  MonthBlocks& blocks = columns_[b].month(month);
  MaskBlock* there = FindIn(blocks, b, month, block);
  {
    std::lock_guard lock(*counters_mutex_);
    counters_.reset();
  }
  if (there != nullptr) {
    there->Join(*masks);
    there->dirty = true;
    return;
  }
  masks->dirty = true;
  blocks.Put(block, std::move(masks));
}

void ActivityColumns::Renew(BehaviorIndex b, int32_t month, uint32_t block,
                            const MaskBlock* masks) {
  MonthBlocks& blocks = columns_[b].month(month);
  MaskBlock* there = blocks.InMemory(block);
  if (there == nullptr) {
    blocks.Put(block, masks == nullptr ? std::make_unique<MaskBlock>()
                                       : std::make_unique<MaskBlock>(*masks));
  } else if (masks != nullptr) {
    there->Join(*masks);
  }
  counters_.reset();
  blocks.GetOrAdd(block).dirty = true;
}

void ActivityColumns::RenewLasts(uint32_t block) {
  const auto& all = columns_[kActivity].last;
  if (block < all.size() && all[block]) all[block]->dirty = true;
}

void ActivityColumns::Join(uint32_t block, std::unique_ptr<LastBlock> lasts) {
  auto& all = columns_[kActivity].last;
  if (block >= all.size()) all.resize(block + 1);
  if (!all[block]) {
    lasts->dirty = true;
    all[block] = std::move(lasts);
    return;
  }
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    if (lasts->at[i] == kNever) continue;
    JoinLast(block * kBlockUsers + i, lasts->at[i]);
  }
}

void ActivityColumns::Join(BehaviorIndex b, UserNumber user, int32_t month,
                           uint32_t days) {
  Put(b, user, month, days);
  counters_.reset();
}

// A last time is marked dirty only where it changes, so that a tail applied
// again does not save every block once more.
void ActivityColumns::JoinLast(UserNumber user, int64_t at) {
  auto& blocks = columns_[kActivity].last;
  const size_t block = user / kBlockUsers;
  if (block >= blocks.size()) blocks.resize(block + 1);
  if (!blocks[block]) {
    blocks[block] = std::make_unique<LastBlock>(EmptyLasts());
  }
  int64_t& last = blocks[block]->at[user % kBlockUsers];
  if (at <= last) return;
  last = at;
  blocks[block]->dirty = true;
}

void ActivityColumns::Merge(UserNumber from, UserNumber into) {
  for (BehaviorIndex b = 0; b < columns_.size(); ++b) MergeOne(b, from, into);
}

bool ActivityColumns::MergeOne(BehaviorIndex b, UserNumber from,
                               UserNumber into) {
  const int64_t last = TakeLast(columns_[b].last, from);
  if (last != kNever) JoinLast(into, last);
  bool moved = false;
  for (auto& [month, blocks] : columns_[b].months) {
    const uint32_t days = DayMask(b, from, month);
    if (days == 0) continue;
    // Before anything is taken: a block that cannot be read costs nobody days.
    MaskBlock* masks = Find(b, month, into / kBlockUsers);
    if (masks == nullptr) masks = &blocks->GetOrAdd(into / kBlockUsers);
    masks->dirty |= masks->Join(into % kBlockUsers, days);
    Take(b, from, month);
    moved = true;
  }
  if (counters_) {
    counters_->Recount(*this, from);
    counters_->Recount(*this, into);
  }
  return moved;
}

void ActivityColumns::Erase(UserNumber user) {
  for (BehaviorIndex b = 0; b < columns_.size(); ++b) {
    TakeLast(columns_[b].last, user);
    for (auto& [month, blocks] : columns_[b].months) Take(b, user, month);
  }
  if (counters_) counters_->Recount(*this, user);
}

std::optional<std::pair<int32_t, int32_t>> ActivityColumns::Months(
    BehaviorIndex b) const {
  const auto& months = columns_[b].months;
  if (months.empty()) return std::nullopt;
  return std::pair(months.begin()->first, months.rbegin()->first);
}

const MonthBlocks* ActivityColumns::BlocksOf(BehaviorIndex b,
                                             int32_t month) const {
  const auto& months = columns_[b].months;
  const auto found = months.find(month);
  return found == months.end() ? nullptr : found->second.get();
}

MaskBlock* ActivityColumns::Find(BehaviorIndex b, int32_t month,
                                 uint32_t block) const {
  const MonthBlocks* blocks = BlocksOf(b, month);
  return blocks == nullptr ? nullptr : FindIn(*blocks, b, month, block);
}

MaskBlock* ActivityColumns::FindIn(const MonthBlocks& blocks, BehaviorIndex b,
                                   int32_t month, uint32_t block) const {
  return blocks.Get(block,
                    [&](uint32_t unread) { return reader_(b, month, unread); });
}

const MaskBlock* ActivityColumns::Block(const MonthBlocks& blocks,
                                        BehaviorIndex b, int32_t month,
                                        uint32_t block) const {
  const MaskBlock* found = FindIn(blocks, b, month, block);
  return found == nullptr || found->empty() ? nullptr : found;
}

const MaskBlock* ActivityColumns::Block(BehaviorIndex b, int32_t month,
                                        uint32_t block) const {
  const MonthBlocks* blocks = BlocksOf(b, month);
  return blocks == nullptr ? nullptr : Block(*blocks, b, month, block);
}

uint32_t ActivityColumns::DayMask(BehaviorIndex b, UserNumber user,
                                  int32_t month) const {
  const MaskBlock* block = Find(b, month, user / kBlockUsers);
  return block == nullptr ? 0 : block->Get(user % kBlockUsers);
}

std::optional<Instant> ActivityColumns::Last(UserNumber user) const {
  const LastBlock* block = FindLasts(columns_[kActivity].last, user);
  if (block == nullptr) return std::nullopt;
  const int64_t at = block->at[user % kBlockUsers];
  if (at == kNever) return std::nullopt;
  return FromMillis(at);
}

std::shared_ptr<const DayCounters> ActivityColumns::Counters(
    const CountedWindow& window, uint32_t users, Workers& workers) const {
  if (window.last_month - window.first_month >= CountedWindow::kMaxMonths) {
    return nullptr;
  }
  std::lock_guard lock(*counters_mutex_);
  if (counters_ && counters_->window() == window) return counters_;
  // A look at the past must not take them away from the present.
  if (counters_ && window.last_month < counters_->window().last_month) {
    return nullptr;
  }
  counters_ = std::make_shared<DayCounters>(*this, window, users, workers);
  return counters_;
}

void ActivityColumns::Release(int32_t before_month) {
  for (Column& column : columns_) {
    for (auto& [month, blocks] : column.months) {
      month < before_month ? blocks->Release() : blocks->Shrink();
    }
  }
}

}  // namespace rekindle

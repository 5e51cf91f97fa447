#include "engine/columns/day_counters.h"

#include <bit>
#include <utility>

#include "engine/columns/activity_columns.h"

namespace rekindle {
namespace {

constexpr BehaviorIndex kActivity = BehaviorSet::kActivity;

}  // namespace

DayCounters::DayCounters(const ActivityColumns& columns, CountedWindow window,
                         uint32_t users, Workers& workers)
    : window_(std::move(window)), blocks_(BlocksOf(users)) {
  workers.ForEach(blocks_.size(), [&](size_t block) {
    CountBlock(columns, static_cast<uint32_t>(block));
  });
}

void DayCounters::CountBlock(const ActivityColumns& columns, uint32_t block) {
  for (int32_t m = window_.first_month; m <= window_.last_month; ++m) {
    const MaskBlock* active = columns.Block(kActivity, m, block);
    if (active == nullptr) continue;
    Block& counts = BlockOf(block * kBlockUsers);
    std::array<uint32_t, kBlockUsers> days{};
    active->ForEach([&](uint32_t user, uint32_t mask) {
      days[user] = mask;
      counts.active[user] += static_cast<uint8_t>(std::popcount(mask));
    });
    for (size_t i = 0; i < window_.behaviors.size(); ++i) {
      const MaskBlock* did = columns.Block(window_.behaviors[i], m, block);
      if (did == nullptr) continue;
      DayCounters::Row& both = counts.both[i];
      did->ForEach([&](uint32_t user, uint32_t mask) {
        both[user] += static_cast<uint8_t>(std::popcount(mask & days[user]));
      });
    }
  }
}

void DayCounters::Note(const ActivityColumns& columns, BehaviorIndex behavior,
                       UserNumber user, int32_t month, uint32_t day) {
  if (!window_.Holds(month)) return;
  const bool active = behavior == kActivity;
  if (!active && !(columns.DayMask(kActivity, user, month) & day)) return;
  Block& counts = BlockOf(user);
  const uint32_t i = user % kBlockUsers;
  counts.active[i] += active;
  for (size_t k = 0; k < window_.behaviors.size(); ++k) {
    const BehaviorIndex counted = window_.behaviors[k];
    const bool both =
        counted == behavior ||
        (active && (columns.DayMask(counted, user, month) & day) != 0);
    counts.both[k][i] += both;
  }
}

void DayCounters::Recount(const ActivityColumns& columns, UserNumber user) {
  Block& counts = BlockOf(user);
  const uint32_t i = user % kBlockUsers;
  counts.active[i] = 0;
  for (Row& both : counts.both) both[i] = 0;
  for (int32_t m = window_.first_month; m <= window_.last_month; ++m) {
    const uint32_t days = columns.DayMask(kActivity, user, m);
    counts.active[i] += static_cast<uint8_t>(std::popcount(days));
    for (size_t k = 0; days != 0 && k < window_.behaviors.size(); ++k) {
      const uint32_t did = columns.DayMask(window_.behaviors[k], user, m);
      counts.both[k][i] += static_cast<uint8_t>(std::popcount(days & did));
    }
  }
}

DayCounters::Block& DayCounters::BlockOf(UserNumber user) {
  const size_t block = user / kBlockUsers;
  if (block >= blocks_.size()) blocks_.resize(block + 1);
  if (!blocks_[block]) {
    blocks_[block] = std::make_unique<Block>();
    blocks_[block]->both.resize(window_.behaviors.size());
  }
  return *blocks_[block];
}

}  // namespace rekindle

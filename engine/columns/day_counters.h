// On how many days of a window each user was active, and on how many of those
// they did each of some behaviors: one byte each, derived from the masks.
//
// Labels are shares of these counts, so that labelling ten million users reads
// 13 bytes a user instead of the masks of three months (reference: measured
// layouts of the nightly job; byte counters are the fastest).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "config/base/workers.h"
#include "engine/behavior/behavior.h"
#include "engine/columns/mask_block.h"
#include "engine/event.h"

namespace rekindle {

class ActivityColumns;

// Whole natural months (PeriodOf(day, kMonth)), both included.
struct CountedWindow {
  int32_t first_month = 0;
  int32_t last_month = 0;
  std::vector<BehaviorIndex> behaviors;  // counted together with activity

  static constexpr int kMaxMonths = 8;  // 248 days fit a byte
  bool Holds(int32_t month) const {
    return first_month <= month && month <= last_month;
  }
  friend bool operator==(const CountedWindow&, const CountedWindow&) = default;
};

// Not thread-safe while written.
class DayCounters {
 public:
  using Row = std::array<uint8_t, kBlockUsers>;  // by user of the block
  struct Block {
    Row active{};
    std::vector<Row> both;  // by CountedWindow::behaviors
  };

  // Counts the masks of users 0 .. users-1, on all cores.
  DayCounters(const ActivityColumns& columns, CountedWindow window,
              uint32_t users, Workers& workers);

  const CountedWindow& window() const { return window_; }
  // nullptr where nobody of the block was active.
  const Block* block(uint32_t block) const {
    return block < blocks_.size() ? blocks_[block].get() : nullptr;
  }

  // The user has a day more of the behavior in that month: `day` is its bit,
  // and the columns have it already.
  void Note(const ActivityColumns& columns, BehaviorIndex behavior,
            UserNumber user, int32_t month, uint32_t day);
  // The user's masks changed in any way.
  void Recount(const ActivityColumns& columns, UserNumber user);

 private:
  Block& BlockOf(UserNumber user);
  void CountBlock(const ActivityColumns& columns, uint32_t block);

  CountedWindow window_;
  std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace rekindle

// On how many days of a window each user was active, and on how many of those
// they did each of some behaviors: one byte each, derived from the masks.
//
// Labels are shares of these counts, so that labelling ten million users reads
// a few bytes a user instead of the masks of three months. Of the layouts that
// were measured, byte counters of those who were active are the smallest and
// the fastest. The counts of a block are kept side by side, in the order of its
// users who were active at all in the window.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "config/base/workers.h"
#include "engine/behavior/behavior.h"
#include "engine/columns/mask_block.h"
#include "engine/model/event.h"

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
  class Block {
   public:
    explicit Block(size_t behaviors) : rows_(1 + behaviors) {}

    // Who was active in the window, and perhaps some who were before a merge or
    // an erasure.
    const std::array<uint64_t, kBlockWords>& users() const { return users_; }
    // How many of those users there are in the words before each word.
    const std::array<uint16_t, kBlockWords>& before() const { return before_; }
    // Their counts stand in rows of words() x 64 bytes, 0 where there is
    // nobody; kReadBehind more bytes follow each row.
    size_t words() const { return (size_ + 63) / 64; }
    const uint8_t* active() const { return Row(0); }
    // By CountedWindow::behaviors.
    const uint8_t* both(size_t behavior) const { return Row(1 + behavior); }

    // The place of the user's counts in the rows; nothing for a user who has
    // none.
    std::optional<size_t> IndexOf(uint32_t user) const;

   private:
    friend class DayCounters;
    const uint8_t* Row(size_t row) const {
      return counts_.data() + row * capacity_;
    }
    uint8_t* Row(size_t row) { return counts_.data() + row * capacity_; }
    void MakeRoom(size_t size);
    size_t Insert(uint32_t user);

    const size_t rows_;
    size_t size_ = 0;
    size_t capacity_ = 0;  // of a row
    std::array<uint64_t, kBlockWords> users_{};
    std::array<uint16_t, kBlockWords> before_{};
    std::vector<uint8_t> counts_;
  };

  // Counts the masks of users 0 .. users-1, on all cores.
  DayCounters(const ActivityColumns& columns, CountedWindow window,
              uint32_t users, Workers& workers);

  const CountedWindow& window() const { return window_; }
  // nullptr where nobody of the block was active.
  const Block* block(uint32_t block) const {
    return block < blocks_.size() ? blocks_[block].get() : nullptr;
  }

  // Counts a further day of the behavior in that month: `day` is its bit, and
  // the columns have it already.
  void Note(const ActivityColumns& columns, BehaviorIndex behavior,
            UserNumber user, int32_t month, uint32_t day);
  // Counts anew a user whose masks changed in any way.
  void Recount(const ActivityColumns& columns, UserNumber user);

 private:
  Block& BlockOf(UserNumber user);
  void CountBlock(const ActivityColumns& columns, uint32_t block);

  CountedWindow window_;
  std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace rekindle

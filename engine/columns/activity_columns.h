// The compact memory of who did what on which day (design.md section 4).
//
// For each behavior, user and natural month: a 31-bit mask of the local days
// it happened on (bit 0 is the 1st). For each behavior and user: when it last
// happened. Masks stand in blocks of 4096 users, allocated only where there is
// something. Setting a bit twice is harmless, so a tail of the journal may be
// applied again.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "engine/behavior/behavior.h"
#include "engine/event.h"

namespace rekindle {

inline constexpr uint32_t kBlockUsers = 4096;

struct MaskBlock {
  std::array<uint32_t, kBlockUsers> masks{};
  bool dirty = false;
};
struct LastBlock {
  std::array<int64_t, kBlockUsers> at{};  // epoch ms; kNever where never
  bool dirty = false;
};
inline constexpr int64_t kNever = INT64_MIN;

// Not thread-safe while written (the engine holds the lock).
class ActivityColumns {
 public:
  explicit ActivityColumns(size_t behaviors);

  void Mark(BehaviorIndex behavior, UserNumber user, const Moment& when);
  // `from`'s days and last times join `into`'s; `from` is left empty.
  void Merge(UserNumber from, UserNumber into);
  void Erase(UserNumber user);
  void Clear(BehaviorIndex behavior);

  size_t behaviors() const { return columns_.size(); }
  // Months (PeriodOf(day, kMonth)) with any block, as [first, last]; nothing
  // when empty.
  std::optional<std::pair<int32_t, int32_t>> Months(BehaviorIndex b) const;
  // nullptr where nobody of the block did it in that month.
  const MaskBlock* Block(BehaviorIndex b, int32_t month, uint32_t block) const;
  uint32_t DayMask(BehaviorIndex b, UserNumber user, int32_t month) const;
  std::optional<Instant> Last(BehaviorIndex b, UserNumber user) const;

  // For saving and loading (store/column_store.cc): every block, as it stands.
  struct Column {
    std::map<int32_t, std::vector<std::unique_ptr<MaskBlock>>> months;
    std::vector<std::unique_ptr<LastBlock>> last;
  };
  Column& column(BehaviorIndex b) { return columns_[b]; }
  const Column& column(BehaviorIndex b) const { return columns_[b]; }

 private:
  std::vector<Column> columns_;
};

}  // namespace rekindle

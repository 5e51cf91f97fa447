// The compact memory of who did what on which day.
//
// For each behavior, user and natural month: a 31-bit mask of the local days it
// happened on. For activity besides: the instant it last happened. Masks are
// kept in blocks of users, only where there is something; those of recent
// months in memory, older ones on disk until somebody asks for them. Setting a
// bit twice is harmless, so a tail of the journal may be applied again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "engine/behavior/behavior.h"
#include "engine/columns/day_counters.h"
#include "engine/columns/month_blocks.h"
#include "engine/model/event.h"

namespace rekindle {

struct LastBlock {
  std::array<int64_t, kBlockUsers> at{};  // epoch ms; kNever where never
  bool dirty = false;
};
inline constexpr int64_t kNever = INT64_MIN;

// Many threads may make const calls while none writes (the engine's lock sees
// to that).
class ActivityColumns {
 public:
  // Reads a block that was left on disk; nullptr where there is none. May be
  // called from several threads.
  using BlockReader = std::function<std::unique_ptr<MaskBlock>(
      BehaviorIndex, int32_t month, uint32_t block)>;

  explicit ActivityColumns(size_t behaviors, BlockReader reader = nullptr);

  void Mark(BehaviorIndex behavior, UserNumber user, const Moment& when);
  // Joins whole blocks, made elsewhere, to what is there. Blocks of different
  // behaviors, and last times, may join at the same time on several threads.
  void Join(BehaviorIndex behavior, int32_t month, uint32_t block,
            std::unique_ptr<MaskBlock> masks);
  void Join(uint32_t block, std::unique_ptr<LastBlock> lasts);
  // The same for one user: several days of a month, and a last time.
  void Join(BehaviorIndex behavior, UserNumber user, int32_t month,
            uint32_t days);
  void JoinLast(UserNumber user, int64_t at);
  // Moves `from`'s days and last time to `into`; `from` is left empty.
  void Merge(UserNumber from, UserNumber into);
  // The same for one behavior; true where days moved.
  bool MergeOne(BehaviorIndex behavior, UserNumber from, UserNumber into);
  void Erase(UserNumber user);
  // The block on disk is damaged: has it written again. `masks` (nullptr:
  // nobody) join what is in memory of it.
  void Renew(BehaviorIndex b, int32_t month, uint32_t block,
             const MaskBlock* masks);
  // The same of last times, all of which are in memory.
  void RenewLasts(uint32_t block);

  size_t behaviors() const { return columns_.size(); }
  // Months (PeriodOf(day, kMonth)) with any block, as [first, last]; nothing
  // when empty.
  std::optional<std::pair<int32_t, int32_t>> Months(BehaviorIndex b) const;
  // nullptr where nobody of the block did it in that month.
  const MaskBlock* Block(BehaviorIndex b, int32_t month, uint32_t block) const;
  // The same for callers that ask for many blocks of a month.
  const MonthBlocks* BlocksOf(BehaviorIndex b, int32_t month) const;
  const MaskBlock* Block(const MonthBlocks& blocks, BehaviorIndex b,
                         int32_t month, uint32_t block) const;
  uint32_t DayMask(BehaviorIndex b, UserNumber user, int32_t month) const;
  // When the user was last active.
  std::optional<Instant> Last(UserNumber user) const;

  // The days in a window of whole months as byte counters, which are kept up to
  // date from the first call on. nullptr for a window that ends before the one
  // kept, and where the counters would not fit a byte.
  std::shared_ptr<const DayCounters> Counters(const CountedWindow& window,
                                              uint32_t users,
                                              Workers& workers) const;

  // For saving and loading (column_store.h): every block as it stands.
  struct Column {
    std::map<int32_t, std::unique_ptr<MonthBlocks>> months;
    std::vector<std::unique_ptr<LastBlock>> last;  // of activity only

    // The month's blocks, made where there are none. Events come in runs of a
    // month, so the last answer is remembered.
    MonthBlocks& month(int32_t month);

   private:
    std::pair<int32_t, MonthBlocks*> latest_{0, nullptr};
  };
  Column& column(BehaviorIndex b) { return columns_[b]; }
  const Column& column(BehaviorIndex b) const { return columns_[b]; }
  // Drops the saved blocks of months before this one from memory, and frees the
  // spare room of the others. Blocks that events keep coming for stay as they
  // are.
  void Release(int32_t before_month);

 private:
  MaskBlock* Find(BehaviorIndex b, int32_t month, uint32_t block) const;
  MaskBlock* FindIn(const MonthBlocks& blocks, BehaviorIndex b, int32_t month,
                    uint32_t block) const;
  // True where that changed anything.
  bool Put(BehaviorIndex b, UserNumber user, int32_t month, uint32_t days);
  uint32_t Take(BehaviorIndex b, UserNumber user, int32_t month);

  // The day of the last mark and where it stands: events come in runs of a
  // day, too.
  struct Marked {
    LocalDay day;
    int32_t month = 0;
    uint32_t bit = 0;
  };

  std::vector<Column> columns_;
  Marked marked_;
  BlockReader reader_;
  // Guards the pointer; what it points to is written only where nobody reads.
  std::unique_ptr<std::mutex> counters_mutex_;
  mutable std::shared_ptr<DayCounters> counters_;
};

}  // namespace rekindle

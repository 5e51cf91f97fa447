// The second step of a fill: the marks of one block of users become masks of
// days and last times.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "config/base/calendar.h"
#include "engine/columns/packed_masks.h"
#include "engine/fill/filled_columns.h"
#include "engine/fill/mark_sorter.h"

namespace rekindle {

// While it works on a block it marks in plain rows of masks, one row a user:
// some 0.3 MB a month with a dozen behaviors, so that what events touch at
// random stays in the processor's cache. The sparse blocks are made once, at
// the end. Not thread-safe; keeps its rows from block to block.
class BlockMarker {
 public:
  BlockMarker(const Calendar& calendar,
              const std::vector<BehaviorIndex>& wanted);

  // Adds the block's marks from the sorters (which have the same `wanted`) to
  // what was found of the block before.
  void Apply(uint32_t block, std::span<const MarkSorter> sorters,
             FilledBlock* found);

 private:
  struct Month {
    int32_t month = 0;
    std::array<uint64_t, kBlockWords> touched{};  // users with a row
    std::vector<uint32_t> rows;                   // of stride_ masks a user
  };
  // A stretch of one day, and where its marks go.
  struct Day {
    int64_t from, to;  // epoch ms; `to` is exclusive
    uint32_t bit;
    Month* month;
    uint32_t* rows;  // the month's
  };

  // A set of behaviors as the marking loop wants it: nearly all have one or
  // two, and a loop over a varying number would be mispredicted.
  struct Places {
    uint16_t first, second;          // the same where there is one
    std::span<const uint16_t> more;  // after those
    bool is_activity;
  };

  // By number of the set; none is empty.
  std::vector<Places> PlacesOf(std::span<const MarkSorter::Set> sets) const;
  void Apply(std::span<const Mark> marks, std::span<const Places> places_of,
             FilledBlock* found);
  // Both may end what has been marked so far (Flush).
  Day DayOf(int64_t at, FilledBlock* found);
  Month& MonthOf(int32_t month, FilledBlock* found);
  // All rows become masks, and are empty again.
  void Flush(FilledBlock* found);
  void Flush(Month& month, FilledBlock* found);

  const Calendar& calendar_;
  const std::vector<BehaviorIndex>& wanted_;
  const size_t stride_;
  // The place of activity in wanted_; one that no set has where it is not
  // wanted.
  const size_t activity_;
  std::vector<std::unique_ptr<Month>> months_;
  size_t used_ = 0;                  // of months_
  std::vector<PackedMasks> packed_;  // by place in wanted_
  LastBlock unwanted_;  // written in place of lasts that are not wanted
};

}  // namespace rekindle

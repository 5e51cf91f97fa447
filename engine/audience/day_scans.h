// Who did what on how many days, for many questions at once, a block of users
// at a time: the masks of a behavior's month are read once, whatever is asked
// of them, and days that several questions count are counted once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "engine/as_of/masks_as_of.h"
#include "engine/conditions/facts.h"
#include "engine/sets/block_set.h"

namespace rekindle {

// Questions are added by one thread; then many answer blocks.
class DayScans {
 public:
  // Where no column has to be read, whether it holds for everybody who is known
  // or for nobody; else the answer's place among those of a block.
  using Answer = std::variant<bool, size_t>;

  // The masks outlive it.
  explicit DayScans(const MasksAsOf& masks);
  ~DayScans();

  // On at_least .. at_most days of the range; an absent one is all time. What
  // was asked before has the same answer.
  Answer OnDays(BehaviorIndex behavior, const std::optional<DayRange>& range,
                int at_least, int at_most);
  // On so many days one after the other.
  Answer InARow(BehaviorIndex behavior, const std::optional<DayRange>& range,
                int days);
  Answer Dropped(const DropQuestion& question);

  // Puts each answer's users of the block in its place; users who are not known
  // may be among them.
  void Block(uint32_t block, std::vector<BlockSet>& answers) const;

 private:
  class OfBehavior;

  OfBehavior& Of(BehaviorIndex behavior);

  const MasksAsOf& masks_;
  // With as many threads at work, a thread's next block is about so far.
  const uint32_t ahead_;
  std::vector<std::unique_ptr<OfBehavior>> behaviors_;
  size_t answers_ = 0;
};

}  // namespace rekindle

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
  // A bool where no column has to be read: it holds for everybody who is known,
  // or for nobody. Else the answer's place among those of a block.
  using Answer = std::variant<bool, size_t>;

  // The masks outlive it.
  explicit DayScans(const MasksAsOf& masks);
  ~DayScans();

  // Asks who did it on at_least .. at_most days of the range (absent: all
  // time). A question that was asked before has the same answer.
  Answer OnDays(BehaviorIndex behavior, const std::optional<DayRange>& range,
                int at_least, int at_most);
  // Asks who did it on so many days one after the other.
  Answer InARow(BehaviorIndex behavior, const std::optional<DayRange>& range,
                int days);
  Answer Dropped(const DropQuestion& question);

  // Puts the block's users of each answer into its place in `answers`; users
  // who are not known may be among them.
  void Block(uint32_t block, std::vector<BlockSet>& answers) const;

 private:
  class OfBehavior;

  OfBehavior& Of(BehaviorIndex behavior);

  const MasksAsOf& masks_;
  // How many blocks ahead a thread's next one about is, with all threads at
  // work.
  const uint32_t ahead_;
  std::vector<std::unique_ptr<OfBehavior>> behaviors_;
  size_t answers_ = 0;
};

}  // namespace rekindle

// The sets of Facts as terms of a SetPlan, from which conditions make theirs,
// so that many are worked out together, block by block.
#pragma once

#include <optional>
#include <string_view>

#include "engine/conditions/facts.h"
#include "engine/sets/set_plan.h"

namespace rekindle {

// A term stands for the set that Facts gives under the same name.
class Terms {
 public:
  using Term = SetPlan::Term;
  virtual ~Terms() = default;

  virtual const Facts& facts() const = 0;
  virtual Term Known() = 0;
  virtual Term InState(State state, std::string_view substate) = 0;
  virtual Term LastActive(std::optional<LocalDay> first,
                          std::optional<LocalDay> last) = 0;
  virtual Term DaysPresent(BehaviorIndex behavior,
                           std::optional<DayRange> range, int at_least,
                           int at_most) = 0;
  virtual Term DaysInARow(BehaviorIndex behavior, std::optional<DayRange> range,
                          int days) = 0;
  virtual Term Dropped(const DropQuestion& question) = 0;
  virtual Term Labeled(size_t label) = 0;
  virtual Term InSegment(size_t segment) = 0;
  // A set that was worked out whole.
  virtual Term Whole(UserSet users) = 0;

  Term Nobody() { return plan_.Nobody(); }
  Term And(Term a, Term b) { return plan_.And(a, b); }
  Term Or(Term a, Term b) { return plan_.Or(a, b); }
  Term Minus(Term a, Term b) { return plan_.Minus(a, b); }

 protected:
  SetPlan plan_;
};

}  // namespace rekindle

// The terms of conditions for one pass over everybody's columns.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/audience/day_scans.h"
#include "engine/conditions/terms.h"

namespace rekindle {

class Snapshot;

// Substates and segments are planned where they are asked for; where states and
// labels come from is up to the pass.
class PlanTerms : public Terms {
 public:
  explicit PlanTerms(const Snapshot& facts);

  const Facts& facts() const override;
  Term InState(State state, std::string_view substate) override;
  Term LastActive(std::optional<LocalDay> first,
                  std::optional<LocalDay> last) override;
  Term DaysPresent(BehaviorIndex behavior, std::optional<DayRange> range,
                   int at_least, int at_most) override;
  Term DaysInARow(BehaviorIndex behavior, std::optional<DayRange> range,
                  int days) override;
  Term Dropped(const DropQuestion& question) override;
  Term InSegment(size_t segment) override;
  Term Whole(UserSet users) override;

  // After the last term, before the first block.
  void Finish();
  // Works out the block, and writes the sets that are wanted.
  void Run(uint32_t block, SetPlan::Bench& bench) const;

 protected:
  virtual Term WholeState(State state) = 0;
  // By substate, in the order of settings, then the rest; empty where the state
  // has none.
  const std::vector<Term>& Substates(State state);

  const Snapshot& snapshot_;

 private:
  Term Answered(const DayScans::Answer& answer);
  Term ActiveSince(LocalDay day);

  DayScans day_scans_;
  std::array<std::optional<std::vector<Term>>, kStates> substates_;
  std::vector<std::optional<Term>> segments_;
  std::deque<UserSet> whole_;
};

}  // namespace rekindle

#include "engine/lifecycle/state_sets.h"

#include <algorithm>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/columns/byte_scan.h"

namespace rekindle {
namespace {

using Words = std::array<uint64_t, kBlockWords>;

// What a period back from as_of's says of the users of a block.
struct Period {
  DayRange days;
  Words registered;
  Words active;  // registration counts
};

class Scan {
 public:
  Scan(const Snapshot& facts, StateSets& sets)
      : facts_(facts),
        sets_(sets),
        churned_after_(facts.settings().lifecycle.churned_after) {
    const PeriodUnit unit = facts.settings().lifecycle.period;
    for (int back = 0; back <= churned_after_; ++back) {
      const int32_t period = facts.period() - back;
      days_.push_back({FirstDayOf(period, unit),
                       std::min(LastDayOf(period, unit), facts.today())});
    }
  }

  void Block(uint32_t block) const {
    Snapshot::BlockDays scratch;
    const int32_t* registered = facts_.RegisteredDays(block, scratch);
    Words known;
    Below(registered, ToNumber(facts_.today()) + 1, known);
    std::vector<Words> active(days_.size());  // by periods back
    Words before = known;  // registered before the period after this one
    Words is_new, was_new;
    for (size_t back = 0; back < days_.size(); ++back) {
      Words earlier;
      Below(registered, ToNumber(days_[back].first), earlier);
      for (uint32_t w = 0; w < kBlockWords; ++w) {
        active[back][w] = before[w] & ~earlier[w];
      }
      if (back == 0) is_new = active[back];
      if (back == 1) was_new = active[back];
      facts_.masks().AddPresent(BehaviorSet::kActivity, days_[back], block,
                                active[back]);
      before = earlier;
    }
    Store(block, known, is_new, was_new, active);
  }

 private:
  void Store(uint32_t block, const Words& known, const Words& is_new,
             const Words& was_new, const std::vector<Words>& active) const {
    const size_t first = size_t{block} * kBlockWords;
    const size_t end =
        std::min(first + kBlockWords, sets_.known.words().size());
    for (size_t at = first; at < end; ++at) {
      const size_t w = at - first;
      const uint64_t now = known[w] & active[0][w];
      const uint64_t old = known[w] & ~is_new[w] & ~was_new[w];
      const uint64_t last = active[1][w];
      uint64_t within = 0;  // 2 to churned_after periods back
      uint64_t recent = 0;  // 1 to churned_after - 1 periods back
      for (size_t back = 1; back < active.size(); ++back) {
        if (back > 1) within |= active[back][w];
        if (back + 1 < active.size()) recent |= active[back][w];
      }
      sets_.known.words()[at] = known[w];
      Of(State::kNew, at) = is_new[w];
      Of(State::kPreviousNew, at) = was_new[w] & now;
      Of(State::kActive, at) = old & now & last;
      Of(State::kWoken, at) = old & now & ~last & within;
      Of(State::kReturned, at) = old & now & ~last & ~within;
      Of(State::kDormant, at) = known[w] & ~now & recent;
      Of(State::kChurned, at) = known[w] & ~now & ~recent;
    }
  }

  uint64_t& Of(State state, size_t word) const {
    return sets_.of[static_cast<size_t>(state)].words()[word];
  }

  const Snapshot& facts_;
  StateSets& sets_;
  const int churned_after_;
  std::vector<DayRange> days_;  // by periods back
};

}  // namespace

StateSets ComputeStates(const Snapshot& facts) {
  const uint32_t universe = facts.users().size();
  StateSets sets;
  sets.known = UserSet(universe);
  for (State state : kAllStates) {
    sets.of[static_cast<size_t>(state)] = UserSet(universe);
  }
  const Scan scan(facts, sets);
  facts.workers().ForEach(BlocksOf(universe), [&](size_t block) {
    scan.Block(static_cast<uint32_t>(block));
  });
  return sets;
}

}  // namespace rekindle

#include "engine/lifecycle/state_sets.h"

#include <algorithm>

#include "config/base/vector_code.h"
#include "engine/as_of/users_as_of.h"
#include "engine/columns/byte_scan.h"
#include "engine/sets/set_memory.h"

namespace rekindle {
namespace {

using Words = std::array<uint64_t, kBlockWords>;
using ByState = std::array<Words, kStates>;

void Join(const Words& users, Words* into) {
  for (uint32_t w = 0; w < kBlockWords; ++w) (*into)[w] |= users[w];
}

// Who is known, in place of the state that is none, and who is in which state.
REKINDLE_VECTOR_CODE void Part(const Words& known, const Words& is_new,
                               const Words& was_new, const Words& active_now,
                               const Words& active_last, const Words& within,
                               const Words& recent, ByState* __restrict out) {
  const auto row = [out](State state) {
    return (*out)[static_cast<size_t>(state)].data();
  };
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const uint64_t now = known[w] & active_now[w];
    const uint64_t old = known[w] & ~is_new[w] & ~was_new[w];
    const uint64_t last = active_last[w];
    row(State::kUnknown)[w] = known[w];
    row(State::kNew)[w] = is_new[w];
    row(State::kPreviousNew)[w] = was_new[w] & now;
    row(State::kActive)[w] = old & now & last;
    row(State::kWoken)[w] = old & now & ~last & within[w];
    row(State::kReturned)[w] = old & now & ~last & ~within[w];
    row(State::kDormant)[w] = known[w] & ~now & recent[w];
    row(State::kChurned)[w] = known[w] & ~now & ~recent[w];
  }
}

}  // namespace

StateScan::StateScan(const UsersAsOf& seen, const SetRows& rows)
    : seen_(seen), rows_(rows) {
  const PeriodUnit unit = seen.settings().lifecycle.period;
  for (int back = 0; back <= seen.settings().lifecycle.churned_after; ++back) {
    const int32_t period = seen.period() - back;
    days_.push_back({FirstDayOf(period, unit),
                     std::min(LastDayOf(period, unit), seen.today())});
  }
}

void StateScan::Block(uint32_t block) const {
  thread_local Periods periods;
  periods.active.resize(days_.size());
  FindRegistered(block, periods);
  for (size_t back = 0; back < days_.size(); ++back) {
    seen_.masks().AddPresent(BehaviorSet::kActivity, days_[back], block,
                             periods.active[back]);
  }
  Store(block, periods);
}

void StateScan::FindRegistered(uint32_t block, Periods& periods) const {
  const int32_t oldest = ToNumber(days_.back().first);
  if (seen_.users().AllRegisteredBy(block) < oldest) {
    periods.known.fill(~uint64_t{0});
    for (Words& active : periods.active) active.fill(0);
    periods.is_new.fill(0);
    periods.was_new.fill(0);
    return;
  }
  UsersAsOf::BlockDays scratch;
  const int32_t* registered = seen_.RegisteredDays(block, scratch);
  Below(registered, ToNumber(seen_.today()) + 1, periods.known);
  Words before = periods.known;  // registered before the period after this one
  for (size_t back = 0; back < days_.size(); ++back) {
    Words earlier;
    Below(registered, ToNumber(days_[back].first), earlier);
    for (uint32_t w = 0; w < kBlockWords; ++w) {
      periods.active[back][w] = before[w] & ~earlier[w];
    }
    before = earlier;
  }
  periods.is_new = periods.active[0];
  periods.was_new = periods.active[1];
}

void StateScan::Store(uint32_t block, const Periods& periods) const {
  Words within{};  // active 2 to churned_after periods back
  Words recent{};  // active 1 to churned_after - 1 periods back
  const auto& active = periods.active;
  for (size_t back = 1; back < active.size(); ++back) {
    if (back > 1) Join(active[back], &within);
    if (back + 1 < active.size()) Join(active[back], &recent);
  }
  ByState found;
  Part(periods.known, periods.is_new, periods.was_new, active[0], active[1],
       within, recent, &found);
  for (size_t row = 0; row < kRows; ++row) {
    std::copy(found[row].begin(), found[row].end(),
              rows_.words(row) + size_t{block} * kBlockWords);
  }
}

StateSets StateScan::Get() const {
  StateSets sets;
  sets.known = rows_.Get(0);
  for (State state : kAllStates) {
    const auto s = static_cast<size_t>(state);
    sets.of[s] = rows_.Get(s);
  }
  return sets;
}

StateSets ComputeStates(const UsersAsOf& seen) {
  const SetRows rows(seen.set_memory(), StateScan::kRows, seen.users().size());
  const StateScan scan(seen, rows);
  seen.workers().ForEach(BlocksOf(seen.users().size()), [&](size_t block) {
    scan.Block(static_cast<uint32_t>(block));
  });
  return scan.Get();
}

}  // namespace rekindle

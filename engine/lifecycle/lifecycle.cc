#include "engine/lifecycle/lifecycle.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "engine/audience/month_bits.h"
#include "engine/audience/snapshot.h"

namespace rekindle {
namespace {

constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

// The latest day met so far by each user of a block, as a month and its days:
// one select a user and month; the day itself is worked out once at the end.
struct Latest {
  std::array<int32_t, kBlockUsers> month{};
  std::array<uint32_t, kBlockUsers> days{};

  void Take(const uint32_t* masks, uint32_t bits, int32_t at) {
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      const uint32_t found = masks[i] & bits;
      month[i] = found != 0 ? at : month[i];
      days[i] = found != 0 ? found : days[i];
    }
  }
  int32_t Day(uint32_t i) const {
    return days[i] == 0 ? kNoDay : ToNumber(LastDayIn(month[i], days[i]));
  }
};

// Activity before the period of as_of, and within it.
struct BlockActivity {
  Latest before;
  Latest now;
};

class Scan {
 public:
  Scan(const Snapshot& facts, LifecycleTable& table)
      : facts_(facts),
        table_(table),
        unit_(facts.settings().lifecycle.period),
        first_day_(FirstDayOf(table.period, unit_)) {}

  void Block(uint32_t block) {
    BlockActivity activity;
    ReadActivity(block, activity);
    const uint32_t base = block * kBlockUsers;
    const uint32_t size = static_cast<uint32_t>(table_.state.size());
    for (UserNumber u = base; u < std::min(base + kBlockUsers, size); ++u) {
      const auto registered = RegisteredDay(u);
      if (!registered) continue;
      Settle(u, *registered, activity.before.Day(u - base),
             activity.now.Day(u - base));
    }
  }

 private:
  void ReadActivity(uint32_t block, BlockActivity& activity) {
    const MasksAsOf& masks = facts_.masks();
    const auto months = masks.Months(BehaviorSet::kActivity);
    if (!months) return;
    for (int32_t month = months->first; month <= months->second; ++month) {
      const uint32_t* days =
          masks.Block(BehaviorSet::kActivity, month, block, scratch_);
      if (days == nullptr) continue;
      const uint32_t now = BitsIn(month, {first_day_, facts_.today()});
      activity.before.Take(days, ~now, month);
      if (now != 0) activity.now.Take(days, now, month);
    }
  }

  std::optional<int32_t> RegisteredDay(UserNumber user) const {
    const std::optional<Moment> r = facts_.users().RegisteredAt(user);
    if (!r || r->at > facts_.as_of()) return std::nullopt;
    return ToNumber(std::min(r->day, facts_.today()));
  }

  // `before` and `now`: the last active day before the period and in it.
  void Settle(UserNumber user, int32_t registered, int32_t before,
              int32_t now) {
    const int32_t r = PeriodOf(DayFromNumber(registered), unit_);
    if (r == table_.period) {
      now = std::max(now, registered);
    } else {
      before = std::max(before, registered);
    }
    table_.registered[user] = registered;
    table_.last_active[user] = now != kNoDay ? now : before;
    table_.state[user] =
        StateOf(r, table_.period, now != kNoDay,
                before == kNoDay ? r : PeriodOf(DayFromNumber(before), unit_),
                facts_.settings().lifecycle.churned_after);
  }

  const Snapshot& facts_;
  LifecycleTable& table_;
  const PeriodUnit unit_;
  const LocalDay first_day_;
  MaskBlock scratch_;
};

}  // namespace

LifecycleTable ComputeLifecycle(const Snapshot& facts) {
  const uint32_t size = facts.users().size();
  LifecycleTable table;
  table.period = PeriodOf(facts.today(), facts.settings().lifecycle.period);
  table.state.assign(size, State::kUnknown);
  table.last_active.assign(size, kNoDay);
  table.registered.assign(size, kNoDay);
  Scan scan(facts, table);
  for (uint32_t block = 0; block * kBlockUsers < size; ++block) {
    scan.Block(block);
  }
  return table;
}

}  // namespace rekindle

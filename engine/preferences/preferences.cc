#include "engine/preferences/preferences.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>

#include "engine/audience/month_bits.h"
#include "engine/audience/snapshot.h"

namespace rekindle {
namespace {

DayRange WindowTo(const EngineSettings& settings, LocalDay end) {
  return DaysBack(settings.preferences.window, end, settings.lifecycle.period);
}

LocalDay WindowEnd(const Snapshot& facts, UserNumber user) {
  if (!facts.settings().preferences.anchor_last_active) return facts.today();
  const int32_t month = MonthOf(facts.LastActiveDay(user));
  return std::min(LastDayOf(month, PeriodUnit::kMonth), facts.today());
}

// Compared in whole numbers, so that 7 of 100 days reach exactly 7 %.
class Threshold {
 public:
  explicit Threshold(double share)
      : billionths_(std::max<int64_t>(1, std::llround(share * kOne))) {}
  bool Reached(int64_t days, int64_t active_days) const {
    return days * kOne >= billionths_ * active_days;
  }

 private:
  static constexpr int64_t kOne = 1'000'000'000;
  int64_t billionths_;
};

class Counter {
 public:
  Counter(const Snapshot& facts, PreferenceTable& table)
      : facts_(facts),
        settings_(facts.settings().preferences),
        table_(table),
        labels_(settings_.labels.size()) {}

  // The known users of a block, by window.
  void Block(uint32_t block) {
    std::map<LocalDay, std::vector<uint32_t>> by_end;
    const uint32_t base = block * kBlockUsers;
    const auto& known = facts_.Known();
    const uint32_t end = std::min(base + kBlockUsers, known.universe());
    for (UserNumber user = base; user < end; ++user) {
      if (known.Contains(user)) {
        by_end[WindowEnd(facts_, user)].push_back(user - base);
      }
    }
    for (const auto& [day, offsets] : by_end) {
      Count(block, WindowTo(facts_.settings(), day), offsets);
    }
  }

 private:
  void Count(uint32_t block, const DayRange& window,
             const std::vector<uint32_t>& offsets) {
    const MasksAsOf& masks = facts_.masks();
    const uint32_t base = block * kBlockUsers;
    for (int32_t month = MonthOf(window.first); month <= MonthOf(window.last);
         ++month) {
      const uint32_t* active =
          masks.Block(BehaviorSet::kActivity, month, block, active_scratch_);
      if (active == nullptr) continue;
      const uint32_t bits = BitsIn(month, window);
      for (uint32_t i : offsets) {
        table_.active_days[base + i] += std::popcount(active[i] & bits);
      }
      for (size_t label = 0; label < labels_; ++label) {
        const uint32_t* did = masks.Block(settings_.labels[label].behavior,
                                          month, block, label_scratch_);
        if (did == nullptr) continue;
        for (uint32_t i : offsets) {
          table_.days[label][base + i] +=
              std::popcount(active[i] & did[i] & bits);
        }
      }
    }
  }

  const Snapshot& facts_;
  const PreferenceSettings& settings_;
  PreferenceTable& table_;
  const size_t labels_;
  MaskBlock active_scratch_;
  MaskBlock label_scratch_;
};

// The last day that counts for the label. REQUIRES: there is one.
LocalDay LastLabelDay(const Snapshot& facts, UserNumber user, size_t label) {
  const DayRange window = PreferenceWindow(facts, user);
  const BehaviorIndex behavior =
      facts.settings().preferences.labels[label].behavior;
  for (int32_t month = MonthOf(window.last); month >= MonthOf(window.first);
       --month) {
    const uint32_t days = facts.DayMask(BehaviorSet::kActivity, user, month) &
                          facts.DayMask(behavior, user, month) &
                          BitsIn(month, window);
    if (days != 0) return LastDayIn(month, days);
  }
  return window.first;
}

// Whether the user prefers one label to another. REQUIRES: both are given.
bool Beats(const Snapshot& facts, UserNumber user, const PreferenceTable& table,
           size_t label, size_t other) {
  const int days = table.days[label][user];
  const int other_days = table.days[other][user];
  if (days != other_days) return days > other_days;
  return LastLabelDay(facts, user, label) > LastLabelDay(facts, user, other);
}

// Labels the user and picks the top one.
void Judge(const Snapshot& facts, UserNumber user, const Threshold& threshold,
           PreferenceTable& table) {
  const int active = table.active_days[user];
  const int least = facts.settings().preferences.min_active_days;
  if (active == 0 || active < least) return;
  std::optional<size_t> best;
  for (size_t label = 0; label < table.days.size(); ++label) {
    if (!threshold.Reached(table.days[label][user], active)) continue;
    table.labeled[label].Add(user);
    if (!best || Beats(facts, user, table, label, *best)) best = label;
  }
  if (best) table.top[user] = static_cast<uint16_t>(*best + 1);
}

}  // namespace

DayRange PreferenceWindow(const Snapshot& facts, UserNumber user) {
  return WindowTo(facts.settings(), WindowEnd(facts, user));
}

PreferenceTable ComputePreferences(const Snapshot& facts) {
  const uint32_t size = facts.users().size();
  const PreferenceSettings& settings = facts.settings().preferences;
  PreferenceTable table;
  table.active_days.assign(size, 0);
  table.days.assign(settings.labels.size(), std::vector<uint16_t>(size, 0));
  table.labeled.assign(settings.labels.size(), UserSet(size));
  table.top.assign(size, 0);
  Counter counter(facts, table);
  for (uint32_t block = 0; block * kBlockUsers < size; ++block) {
    counter.Block(block);
  }
  const Threshold threshold(settings.threshold);
  facts.Known().ForEach(
      [&](UserNumber user) { Judge(facts, user, threshold, table); });
  return table;
}

}  // namespace rekindle

// One user's shares; label_scan.cc has everybody's.
#include "engine/preferences/preferences.h"

#include <algorithm>
#include <bit>

#include "engine/as_of/users_as_of.h"
#include "engine/columns/month_bits.h"
#include "engine/preferences/threshold.h"

namespace rekindle {
namespace {

BehaviorIndex BehaviorOf(const UsersAsOf& seen, size_t label) {
  return seen.settings().preferences.labels[label].behavior;
}

// Calls f(month, bits of the active days) for the months of the user's window,
// the last one first, until f returns false.
template <class F>
void ForEachActiveMonth(const UsersAsOf& seen, UserNumber user, F&& f) {
  const DayRange window = PreferenceWindow(seen, user);
  for (int32_t month = MonthOf(window.last); month >= MonthOf(window.first);
       --month) {
    const uint32_t active =
        seen.masks().DayMask(BehaviorSet::kActivity, user, month) &
        BitsIn(month, window);
    if (active != 0 && !f(month, active)) return;
  }
}

// The last day that counts for the label. REQUIRES: there is one.
LocalDay LastLabelDay(const UsersAsOf& seen, UserNumber user, size_t label) {
  LocalDay last = seen.today();
  ForEachActiveMonth(seen, user, [&](int32_t month, uint32_t active) {
    const uint32_t days =
        active & seen.masks().DayMask(BehaviorOf(seen, label), user, month);
    if (days != 0) last = LastDayIn(month, days);
    return days == 0;
  });
  return last;
}

}  // namespace

DayRange PreferenceWindow(const UsersAsOf& seen, UserNumber user) {
  const EngineSettings& settings = seen.settings();
  LocalDay end = seen.today();
  if (settings.preferences.anchor_last_active) {
    const int32_t month = MonthOf(seen.LastActiveDay(user));
    end = std::min(LastDayOf(month, PeriodUnit::kMonth), end);
  }
  return DaysBack(settings.preferences.window, end, settings.lifecycle.period);
}

std::vector<LabelShare> SharesOf(const UsersAsOf& seen, UserNumber user) {
  const PreferenceSettings& settings = seen.settings().preferences;
  std::vector<int> days(settings.labels.size());
  int active_days = 0;
  ForEachActiveMonth(seen, user, [&](int32_t month, uint32_t active) {
    active_days += std::popcount(active);
    for (size_t label = 0; label < days.size(); ++label) {
      days[label] += std::popcount(
          active & seen.masks().DayMask(BehaviorOf(seen, label), user, month));
    }
    return true;
  });
  const Threshold threshold(settings);
  std::vector<LabelShare> shares;
  for (size_t label = 0; label < days.size(); ++label) {
    if (days[label] == 0) continue;
    shares.push_back({label, days[label], active_days,
                      threshold.Reached(days[label], active_days)});
  }
  return shares;
}

std::optional<size_t> TopLabel(const UsersAsOf& seen, UserNumber user) {
  std::optional<LabelShare> best;
  for (const LabelShare& share : SharesOf(seen, user)) {
    if (!share.labeled) continue;
    const bool better =
        !best || share.days > best->days ||
        (share.days == best->days && LastLabelDay(seen, user, share.label) >
                                         LastLabelDay(seen, user, best->label));
    if (better) best = share;
  }
  if (!best) return std::nullopt;
  return best->label;
}

}  // namespace rekindle

#include "engine/preferences/label_scan.h"

#include <algorithm>
#include <bit>
#include <map>

#include "config/base/prefetch.h"
#include "config/base/threads.h"
#include "engine/as_of/users_as_of.h"
#include "engine/columns/mask_scan.h"
#include "engine/columns/month_bits.h"
#include "engine/preferences/preferences.h"
#include "engine/sets/set_memory.h"

namespace rekindle {
namespace {

// The window as the byte counters have it; nothing where they cannot.
std::optional<CountedWindow> CountedWindowOf(const UsersAsOf& seen) {
  const EngineSettings& settings = seen.settings();
  const PreferenceSettings& preferences = settings.preferences;
  if (preferences.anchor_last_active) return std::nullopt;
  const DayRange window =
      DaysBack(preferences.window, seen.today(), settings.lifecycle.period);
  CountedWindow counted{MonthOf(window.first), MonthOf(window.last), {}};
  if (window.first != FirstDayOf(counted.first_month, PeriodUnit::kMonth)) {
    return std::nullopt;
  }
  for (const Label& label : preferences.labels) {
    counted.behaviors.push_back(label.behavior);
  }
  return counted;
}

void PrefetchRow(const DayCounters::Block& counts, const uint8_t* row) {
  PrefetchRange(row, row + counts.words() * 64);
}

}  // namespace

LabelScan::LabelScan(const UsersAsOf& seen, std::vector<uint64_t*> rows)
    : seen_(seen),
      rows_(std::move(rows)),
      threshold_(seen.settings().preferences),
      ahead_(static_cast<uint32_t>(HardwareThreads())) {
  const auto window = CountedWindowOf(seen);
  if (!window) return;
  counters_ =
      seen.columns().Counters(*window, seen.users().size(), seen.workers());
  floors_ = threshold_.ToFloors(CountedWindow::kMaxMonths * 31);
}

const PreferenceSettings& LabelScan::settings() const {
  return seen_.settings().preferences;
}

void LabelScan::Block(uint32_t block, const uint64_t* known) const {
  if (rows_.empty()) return;
  const uint64_t* here = known + size_t{block} * kBlockWords;
  if (counters_ && CountersShow(block)) return FromCounters(block, here);
  std::vector<Words> bits(rows_.size(), Words{});
  FromMasks(block, here, bits);
  for (size_t label = 0; label < rows_.size(); ++label) {
    Store(block, label, bits[label], here);
  }
}

void LabelScan::Store(uint32_t block, size_t label, const Words& bits,
                      const uint64_t* known) const {
  uint64_t* words = rows_[label] + size_t{block} * kBlockWords;
  for (uint32_t w = 0; w < kBlockWords; ++w) words[w] = bits[w] & known[w];
}

// Nothing is counted that as_of does not see.
bool LabelScan::CountersShow(uint32_t block) const {
  const MasksAsOf& masks = seen_.masks();
  return masks.SeenWhole(BehaviorSet::kActivity, block) &&
         std::all_of(settings().labels.begin(), settings().labels.end(),
                     [&](const Label& label) {
                       return masks.AllSeenToday(label.behavior, block);
                     });
}

void LabelScan::FromCounters(uint32_t block, const uint64_t* known) const {
  const DayCounters::Block* counts = counters_->block(block);
  if (counts == nullptr) {
    for (size_t label = 0; label < rows_.size(); ++label) {
      Store(block, label, Words{}, known);
    }
    return;
  }
  alignas(64) std::array<uint8_t, kBlockUsers + kReadBehind> needed;
  LookUp(counts->active(), counts->words(), floors_, needed.data());
  std::fill_n(needed.begin() + counts->words() * 64, kReadBehind, uint8_t{0});
  const CountedUsers counted{counts->users(), counts->before()};
  // Row by row, so that the next block's counts arrive while these are read.
  // Where those stand must have arrived by then, too.
  const DayCounters::Block* next = counters_->block(block + ahead_);
  const DayCounters::Block* after = counters_->block(block + 2 * ahead_);
  if (after != nullptr) PrefetchObject(*after);
  if (next != nullptr) PrefetchRow(*next, next->active());
  for (size_t label = 0; label < rows_.size(); ++label) {
    if (next != nullptr) PrefetchRow(*next, next->both(label));
    ReachedAmong(counted, counts->both(label), needed.data(), known,
                 rows_[label] + size_t{block} * kBlockWords);
  }
}

void LabelScan::FromMasks(uint32_t block, const uint64_t* known,
                          std::vector<Words>& bits) const {
  // With `anchor: last_active` users have windows of their own.
  std::map<std::pair<LocalDay, LocalDay>, std::vector<uint32_t>> by_window;
  const UserNumber base = block * kBlockUsers;
  const UserNumber end = std::min(base + kBlockUsers, seen_.users().size());
  for (UserNumber user = base; user < end; ++user) {
    if (!(known[(user - base) / 64] >> (user % 64) & 1)) continue;
    const DayRange window = PreferenceWindow(seen_, user);
    by_window[{window.first, window.last}].push_back(user - base);
  }
  for (const auto& [window, users] : by_window) {
    Count(block, {window.first, window.second}, users, bits);
  }
}

void LabelScan::Count(uint32_t block, const DayRange& window,
                      const std::vector<uint32_t>& users,
                      std::vector<Words>& bits) const {
  using Counts = std::array<uint32_t, kBlockUsers>;
  Counts active_days{};
  std::vector<Counts> days(bits.size(), Counts{});
  MasksByUser active, did;
  for (int32_t month = MonthOf(window.first); month <= MonthOf(window.last);
       ++month) {
    const MasksAsOf& masks = seen_.masks();
    if (!masks.Block(BehaviorSet::kActivity, month, block, active)) continue;
    const uint32_t in = BitsIn(month, window);
    for (uint32_t i : users) active_days[i] += std::popcount(active[i] & in);
    for (size_t label = 0; label < bits.size(); ++label) {
      const BehaviorIndex b = settings().labels[label].behavior;
      if (!masks.Block(b, month, block, did)) continue;
      for (uint32_t i : users) {
        days[label][i] += std::popcount(active[i] & did[i] & in);
      }
    }
  }
  for (size_t label = 0; label < bits.size(); ++label) {
    for (uint32_t i : users) {
      const bool given = threshold_.Reached(days[label][i], active_days[i]);
      bits[label][i / 64] |= uint64_t{given} << (i % 64);
    }
  }
}

std::vector<UserSet> ComputeLabels(const UsersAsOf& seen,
                                   const UserSet& known) {
  const size_t labels = seen.settings().preferences.labels.size();
  const SetRows rows(seen.set_memory(), labels, seen.users().size());
  std::vector<uint64_t*> words;
  for (size_t label = 0; label < labels; ++label) {
    words.push_back(rows.words(label));
  }
  const LabelScan scan(seen, words);
  seen.workers().ForEach(BlocksOf(seen.users().size()), [&](size_t block) {
    scan.Block(static_cast<uint32_t>(block), known.words().data());
  });
  std::vector<UserSet> sets;
  for (size_t label = 0; label < labels; ++label) {
    sets.push_back(rows.Get(label));
  }
  return sets;
}

}  // namespace rekindle

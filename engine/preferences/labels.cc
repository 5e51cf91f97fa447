// Everybody's labels, block by block.
#include <algorithm>
#include <bit>
#include <map>

#include "engine/audience/month_bits.h"
#include "engine/audience/snapshot.h"
#include "engine/preferences/preferences.h"
#include "engine/preferences/threshold.h"

namespace rekindle {
namespace {

// The window as the byte counters have it; nothing where they cannot.
std::optional<CountedWindow> CountedWindowOf(const Snapshot& facts) {
  const EngineSettings& settings = facts.settings();
  const PreferenceSettings& preferences = settings.preferences;
  if (preferences.anchor_last_active) return std::nullopt;
  const DayRange window =
      DaysBack(preferences.window, facts.today(), settings.lifecycle.period);
  CountedWindow counted{MonthOf(window.first), MonthOf(window.last), {}};
  if (window.first != FirstDayOf(counted.first_month, PeriodUnit::kMonth)) {
    return std::nullopt;
  }
  for (const Label& label : preferences.labels) {
    counted.behaviors.push_back(label.behavior);
  }
  return counted;
}

class Labelling {
 public:
  explicit Labelling(const Snapshot& facts)
      : facts_(facts),
        settings_(facts.settings().preferences),
        threshold_(settings_),
        universe_(facts.users().size()),
        labeled_(settings_.labels.size(), UserSet(universe_)) {
    const auto window = CountedWindowOf(facts);
    if (!window) return;
    counters_ = facts.columns().Counters(*window, universe_, facts.workers());
    floors_ = threshold_.ToFloors(CountedWindow::kMaxMonths * 31);
  }

  std::vector<UserSet> Run() {
    if (labeled_.empty()) return {};
    facts_.workers().ForEach(BlocksOf(universe_), [&](size_t block) {
      Block(static_cast<uint32_t>(block));
    });
    return std::move(labeled_);
  }

 private:
  using Bits = std::array<uint64_t, kBlockWords>;

  void Block(uint32_t block) {
    std::vector<Bits> bits(labeled_.size(), Bits{});
    if (counters_ && CountersShow(block)) {
      FromCounters(block, bits);
    } else {
      FromMasks(block, bits);
    }
    const auto known = facts_.Known().words();
    const size_t first = size_t{block} * kBlockWords;
    const size_t end = std::min(first + kBlockWords, known.size());
    for (size_t label = 0; label < bits.size(); ++label) {
      const auto words = labeled_[label].words();
      for (size_t w = first; w < end; ++w) {
        words[w] = bits[label][w - first] & known[w];
      }
    }
  }

  // Nothing is counted that as_of does not see.
  bool CountersShow(uint32_t block) const {
    const MasksAsOf& masks = facts_.masks();
    return masks.SeenWhole(BehaviorSet::kActivity, block) &&
           std::all_of(settings_.labels.begin(), settings_.labels.end(),
                       [&](const Label& label) {
                         return masks.AllSeenToday(label.behavior, block);
                       });
  }

  void FromCounters(uint32_t block, std::vector<Bits>& bits) const {
    const DayCounters::Block* counts = counters_->block(block);
    if (counts == nullptr) return;
    std::vector<uint64_t*> rows;
    for (Bits& row : bits) rows.push_back(row.data());
    Reached(counts->active, counts->both.data(), rows.size(), floors_,
            rows.data());
  }

  void FromMasks(uint32_t block, std::vector<Bits>& bits) const {
    // With `anchor: last_active` users have windows of their own.
    std::map<std::pair<LocalDay, LocalDay>, std::vector<uint32_t>> by_window;
    const UserNumber base = block * kBlockUsers;
    const UserNumber end = std::min(base + kBlockUsers, universe_);
    for (UserNumber user = base; user < end; ++user) {
      if (!facts_.Known().Contains(user)) continue;
      const DayRange window = PreferenceWindow(facts_, user);
      by_window[{window.first, window.last}].push_back(user - base);
    }
    for (const auto& [window, users] : by_window) {
      Count(block, {window.first, window.second}, users, bits);
    }
  }

  void Count(uint32_t block, const DayRange& window,
             const std::vector<uint32_t>& users,
             std::vector<Bits>& bits) const {
    using Counts = std::array<uint32_t, kBlockUsers>;
    Counts active_days{};
    std::vector<Counts> days(bits.size(), Counts{});
    MasksAsOf::Masks active, did;
    for (int32_t month = MonthOf(window.first); month <= MonthOf(window.last);
         ++month) {
      const MasksAsOf& masks = facts_.masks();
      if (!masks.Block(BehaviorSet::kActivity, month, block, active)) continue;
      const uint32_t in = BitsIn(month, window);
      for (uint32_t i : users) active_days[i] += std::popcount(active[i] & in);
      for (size_t label = 0; label < bits.size(); ++label) {
        const BehaviorIndex b = settings_.labels[label].behavior;
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

  const Snapshot& facts_;
  const PreferenceSettings& settings_;
  const Threshold threshold_;
  const uint32_t universe_;
  std::vector<UserSet> labeled_;
  std::shared_ptr<const DayCounters> counters_;  // nullptr: from the masks
  Floors floors_{};
};

}  // namespace

std::vector<UserSet> ComputeLabels(const Snapshot& facts) {
  return Labelling(facts).Run();
}

}  // namespace rekindle

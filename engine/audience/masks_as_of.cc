#include "engine/audience/masks_as_of.h"

#include <algorithm>
#include <limits>

#include "engine/audience/month_bits.h"
#include "engine/audience/raw_events.h"

namespace rekindle {

MasksAsOf::MasksAsOf(const EngineSettings& settings, const UserDirectory& users,
                     const ActivityColumns& columns, const Journal& journal,
                     Instant as_of)
    : settings_(settings),
      users_(users),
      columns_(columns),
      journal_(journal),
      as_of_(as_of),
      today_(settings.calendar.DayOf(as_of)),
      day_end_(settings.calendar.EndOf(today_)),
      this_month_(MonthOf(today_)),
      seen_bits_(BitsIn(this_month_,
                        {FirstDayOf(this_month_, PeriodUnit::kMonth), today_})),
      today_bit_(BitsIn(this_month_, {today_, today_})),
      exact_(as_of >= day_end_ || KeepsToday()) {}

bool MasksAsOf::KeepsToday() const {
  const std::optional<Instant> pruned = journal_.stats().pruned_until;
  if (pruned && *pruned >= settings_.calendar.StartOf(today_)) return false;
  if (!settings_.retain_raw_events) return true;
  const std::optional<Instant> newest = journal_.stats().last;
  if (!newest) return !columns_.Months(BehaviorSet::kActivity);
  if (*newest <= as_of_) return true;  // nothing to take out
  return *RawEventsKeptFrom(settings_, *newest) <=
         settings_.calendar.StartOf(today_);
}

std::optional<std::pair<int32_t, int32_t>> MasksAsOf::Months(
    BehaviorIndex b) const {
  auto months = columns_.Months(b);
  if (!months || months->first > this_month_) return std::nullopt;
  months->second = std::min(months->second, this_month_);
  return months;
}

const uint32_t* MasksAsOf::Block(BehaviorIndex b, int32_t month, uint32_t block,
                                 MaskBlock& scratch) const {
  if (month > this_month_) return nullptr;
  const MaskBlock* stored = columns_.Block(b, month, block);
  if (stored == nullptr) return nullptr;
  if (month < this_month_) return stored->masks.data();
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    scratch.masks[i] = stored->masks[i] & seen_bits_;
  }
  const auto words = NotYet(b).words();
  const size_t first = block * (kBlockUsers / 64);
  const size_t end = std::min(first + kBlockUsers / 64, words.size());
  for (size_t w = first; w < end; ++w) {
    for (uint64_t bits = words[w]; bits != 0; bits &= bits - 1) {
      scratch.masks[(w - first) * 64 + std::countr_zero(bits)] &= ~today_bit_;
    }
  }
  return scratch.masks.data();
}

uint32_t MasksAsOf::DayMask(BehaviorIndex b, UserNumber user,
                            int32_t month) const {
  if (month > this_month_) return 0;
  const uint32_t mask = columns_.DayMask(b, user, month);
  if (month < this_month_ || mask == 0) return mask;
  const uint32_t hidden = NotYet(b).Contains(user) ? today_bit_ : 0;
  return mask & seen_bits_ & ~hidden;
}

const UserSet& MasksAsOf::NotYet(BehaviorIndex b) const {
  return not_yet_.Get([this] { return ReadNotYet(); })[b];
}

MasksAsOf::Sets MasksAsOf::ReadNotYet() const {
  if (as_of_ >= day_end_ || !exact_) return Sets(columns_.behaviors());
  Sets later = ReadToday(as_of_ + std::chrono::milliseconds(1), day_end_);
  const bool any = std::any_of(later.begin(), later.end(),
                               [](const UserSet& set) { return !set.Empty(); });
  if (!any) return later;
  const Sets before = ReadToday(settings_.calendar.StartOf(today_), as_of_);
  for (size_t b = 0; b < later.size(); ++b) later[b] -= before[b];
  return later;
}

MasksAsOf::Sets MasksAsOf::ReadToday(Instant from, Instant to) const {
  Sets sets(columns_.behaviors());
  const auto add = [&](const StoredEvent& event, Instant) {
    const UserNumber user = users_.Resolve(event.user);
    settings_.behaviors.Match(event.name, event.properties,
                              [&](BehaviorIndex b) { sets[b].Add(user); });
  };
  ReadEvents(journal_, settings_.calendar, from, to, add);
  return sets;
}

}  // namespace rekindle

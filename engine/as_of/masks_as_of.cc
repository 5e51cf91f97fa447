#include "engine/as_of/masks_as_of.h"

#include <algorithm>

#include "engine/as_of/raw_events.h"
#include "engine/columns/mask_scan.h"
#include "engine/columns/month_bits.h"

namespace rekindle {
namespace {

int DaysIn(int32_t month) {
  return static_cast<int>((LastDayOf(month, PeriodUnit::kMonth) -
                           FirstDayOf(month, PeriodUnit::kMonth))
                              .count()) +
         1;
}

// Whether so many bits are set side by side.
bool HasRow(uint32_t mask, int bits) {
  for (; bits > 1 && mask != 0; --bits) mask &= mask >> 1;
  return mask != 0;
}

}  // namespace

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
      exact_(SeesToday() || KeepsToday()) {}

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

std::optional<DayRange> MasksAsOf::Seen(
    BehaviorIndex b, const std::optional<DayRange>& range) const {
  const auto months = Months(b);
  if (!months) return std::nullopt;
  DayRange seen{FirstDayOf(months->first, PeriodUnit::kMonth), today_};
  if (range) {
    seen.first = std::max(seen.first, range->first);
    seen.last = std::min(seen.last, range->last);
  }
  if (seen.last < seen.first) return std::nullopt;
  return seen;
}

bool MasksAsOf::Block(BehaviorIndex b, int32_t month, uint32_t block,
                      MasksByUser& masks) const {
  if (month > this_month_) return false;
  const MaskBlock* stored = columns_.Block(b, month, block);
  if (stored == nullptr) return false;
  Place(*stored, masks);
  if (month < this_month_ || SeenWhole(b, block)) return true;
  const UserSet& not_yet = NotYet(b);
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    const bool hidden = not_yet.Contains(block * kBlockUsers + i);
    masks[i] &= seen_bits_ & (hidden ? ~today_bit_ : ~0u);
  }
  return true;
}

MasksAsOf::Month MasksAsOf::Find(BehaviorIndex b, int32_t month) const {
  return {b, month,
          month > this_month_ ? nullptr : columns_.BlocksOf(b, month)};
}

MasksAsOf::Glance MasksAsOf::At(const Month& month, uint32_t block) const {
  if (month.blocks == nullptr) return {};
  const MaskBlock* stored =
      columns_.Block(*month.blocks, month.behavior, month.month, block);
  if (stored == nullptr) return {};
  return {stored->present().data(), stored->days(),
          month.month < this_month_ || SeenWhole(month.behavior, block)};
}

void MasksAsOf::Prefetch(const Month& month, uint32_t block) const {
  if (month.blocks == nullptr) return;
  const MaskBlock* stored = month.blocks->InMemory(block);
  if (stored != nullptr) stored->Prefetch();
}

void MasksAsOf::AddPresent(BehaviorIndex b, const DayRange& range,
                           uint32_t block,
                           std::array<uint64_t, kBlockWords>& words) const {
  const int32_t last = std::min(MonthOf(range.last), this_month_);
  for (int32_t month = MonthOf(range.first); month <= last; ++month) {
    const Glance here = At(Find(b, month), block);
    if (here.present == nullptr) continue;
    const uint32_t bits = BitsIn(month, range);
    if (here.AllAmong(bits)) {
      for (uint32_t w = 0; w < kBlockWords; ++w) words[w] |= here.present[w];
      continue;
    }
    MasksByUser masks;
    Block(b, month, block, masks);
    AddThoseWith(masks, bits, words);
  }
}

void MasksAsOf::AddInARow(BehaviorIndex b, const DayRange& range, int days,
                          uint32_t block,
                          std::array<uint64_t, kBlockWords>& words) const {
  std::array<int, kBlockUsers> rows{};  // that reach up to a month's last day
  const int32_t last = std::min(MonthOf(range.last), this_month_);
  for (int32_t month = MonthOf(range.first); month <= last; ++month) {
    MasksByUser masks;
    if (!Block(b, month, block, masks)) {
      rows.fill(0);
      continue;
    }
    const uint32_t bits = BitsIn(month, range);
    const int length = DaysIn(month);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      const uint32_t mask = masks[i] & bits;
      const int from_first = std::countr_one(mask);
      const bool reached = rows[i] + from_first >= days || HasRow(mask, days);
      words[i / 64] |= uint64_t{reached} << (i % 64);
      rows[i] = from_first >= length ? rows[i] + length
                                     : std::countl_one(mask << (32 - length));
    }
  }
}

bool MasksAsOf::SeenWhole(BehaviorIndex b, uint32_t block) const {
  const MaskBlock* stored = columns_.Block(b, this_month_, block);
  if (stored == nullptr) return true;
  return (stored->days() & ~seen_bits_) == 0 && AllSeenToday(b, block);
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

bool MasksAsOf::AllSeenToday(BehaviorIndex b, uint32_t block) const {
  const auto words = NotYet(b).words();
  const size_t first = std::min(size_t{block} * kBlockWords, words.size());
  const size_t end = std::min(first + kBlockWords, words.size());
  return std::all_of(words.begin() + first, words.begin() + end,
                     [](uint64_t word) { return word == 0; });
}

MasksAsOf::Sets MasksAsOf::ReadNotYet() const {
  // An event dated by day counts from the day's start: it is never later.
  const auto newest = journal_.stats().last;
  const bool any_later = newest && *newest > as_of_;
  if (SeesToday() || !exact_ || !any_later) {
    return Sets(columns_.behaviors());
  }
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

#include "engine/audience/day_sets.h"

#include <emmintrin.h>

#include <algorithm>

#include "engine/audience/fill_blocks.h"
#include "engine/audience/month_bits.h"

namespace rekindle {
namespace {

constexpr int kMostInAByte = 255;

size_t DaysIn(const DayRange& range) {
  return static_cast<size_t>((range.last - range.first).count()) + 1;
}

// Bit i: counts[i] >= floor, of 64 counts; sixteen at a time.
uint64_t AtLeast(const uint8_t* counts, int floor) {
  if (floor <= 0) return ~uint64_t{0};
  if (floor > kMostInAByte) return 0;
  // Unsigned bytes a >= b where max(a, b) == a.
  const __m128i floors = _mm_set1_epi8(static_cast<char>(floor));
  uint64_t bits = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i sixteen =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(counts + 16 * i));
    const __m128i reached =
        _mm_cmpeq_epi8(_mm_max_epu8(sixteen, floors), sixteen);
    bits |= uint64_t{static_cast<uint16_t>(_mm_movemask_epi8(reached))}
            << (16 * i);
  }
  return bits;
}

}  // namespace

DaySets::DaySets(const MasksAsOf& masks, Workers& workers, uint32_t universe)
    : masks_(masks),
      workers_(workers),
      universe_(universe),
      present_(kKeptBytes / (universe / 8 + 1)),
      bytes_(kKeptBytes / (universe + 1)) {}

DaySets::Key DaySets::KeyOf(BehaviorIndex behavior, const DayRange& range) {
  return {behavior, ToNumber(range.first), ToNumber(range.last)};
}

std::optional<DayRange> DaySets::Seen(
    BehaviorIndex behavior, const std::optional<DayRange>& range) const {
  const auto months = masks_.Months(behavior);
  if (!months) return std::nullopt;
  DayRange seen{FirstDayOf(months->first, PeriodUnit::kMonth), masks_.today()};
  if (range) {
    seen.first = std::max(seen.first, range->first);
    seen.last = std::min(seen.last, range->last);
  }
  if (seen.last < seen.first) return std::nullopt;
  return seen;
}

std::shared_ptr<const UserSet> DaySets::Present(BehaviorIndex behavior,
                                                const DayRange& seen) const {
  return present_.Get(KeyOf(behavior, seen),
                      [&] { return ReadPresent(behavior, seen); });
}

UserSet DaySets::ReadPresent(BehaviorIndex behavior,
                             const DayRange& seen) const {
  UserSet set(universe_);
  FillBlocks(workers_, set, [&](uint32_t block, std::span<uint64_t> words) {
    std::array<uint64_t, kBlockWords> present{};
    masks_.AddPresent(behavior, seen, block, present);
    std::copy_n(present.begin(), words.size(), words.begin());
  });
  return set;
}

UserSet DaySets::OnDays(BehaviorIndex behavior, const DayRange& seen,
                        int at_least, int at_most) const {
  UserSet set(universe_);
  if (DaysIn(seen) <= kMostInAByte) {
    const auto bytes = BytesOf(behavior, seen);
    FillBlocks(workers_, set, [&](uint32_t block, std::span<uint64_t> words) {
      const uint8_t* counts = (*bytes)[block].data();
      for (uint32_t w = 0; w < words.size(); ++w, counts += 64) {
        words[w] = AtLeast(counts, at_least);
        if (at_most < kMostInAByte) words[w] &= ~AtLeast(counts, at_most + 1);
      }
    });
    return set;
  }
  const std::vector<uint16_t> counts = Counts(behavior, seen);
  for (UserNumber user = 0; user < universe_; ++user) {
    if (counts[user] >= at_least && counts[user] <= at_most) set.Add(user);
  }
  return set;
}

UserSet DaySets::InARow(BehaviorIndex behavior, const DayRange& seen,
                        int days) const {
  UserSet set(universe_);
  FillBlocks(workers_, set, [&](uint32_t block, std::span<uint64_t> words) {
    std::array<uint64_t, kBlockWords> found{};
    masks_.AddInARow(behavior, seen, days, block, found);
    std::copy_n(found.begin(), words.size(), words.begin());
  });
  return set;
}

std::vector<uint16_t> DaySets::Counts(BehaviorIndex behavior,
                                      const DayRange& seen) const {
  std::vector<uint16_t> counts(universe_, 0);
  const bool small = DaysIn(seen) <= kMostInAByte;
  const auto bytes = small ? BytesOf(behavior, seen) : nullptr;
  workers_.ForEach(BlocksOf(universe_), [&](size_t block) {
    const size_t first = block * kBlockUsers;
    const size_t size = std::min<size_t>(kBlockUsers, universe_ - first);
    if (small) {
      std::copy_n((*bytes)[block].begin(), size, counts.begin() + first);
      return;
    }
    std::array<uint16_t, kBlockUsers> days{};
    masks_.AddDays(behavior, seen, static_cast<uint32_t>(block), days);
    std::copy_n(days.begin(), size, counts.begin() + first);
  });
  return counts;
}

std::shared_ptr<const std::vector<DaySets::Bytes>> DaySets::BytesOf(
    BehaviorIndex behavior, const DayRange& seen) const {
  return bytes_.Get(KeyOf(behavior, seen),
                    [&] { return ReadBytes(behavior, seen); });
}

std::vector<DaySets::Bytes> DaySets::ReadBytes(BehaviorIndex behavior,
                                               const DayRange& seen) const {
  std::vector<Bytes> bytes(BlocksOf(universe_));
  workers_.ForEach(bytes.size(), [&](size_t block) {
    std::array<uint16_t, kBlockUsers> days{};
    masks_.AddDays(behavior, seen, static_cast<uint32_t>(block), days);
    std::transform(days.begin(), days.end(), bytes[block].begin(),
                   [](uint16_t n) { return static_cast<uint8_t>(n); });
  });
  return bytes;
}

}  // namespace rekindle

#include "engine/audience/day_sets.h"

#include <algorithm>

#include "engine/audience/fill_blocks.h"
#include "engine/columns/byte_scan.h"

namespace rekindle {
namespace {

constexpr int kMostInAByte = 255;

size_t DaysIn(const DayRange& range) {
  return static_cast<size_t>((range.last - range.first).count()) + 1;
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
      std::array<uint64_t, kBlockWords> found;
      Within((*bytes)[block].data(),
             static_cast<uint8_t>(std::max(0, at_least)),
             static_cast<uint8_t>(std::min(kMostInAByte, at_most)), found);
      std::copy_n(found.begin(), words.size(), words.begin());
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
    masks_.AddDays(behavior, seen, static_cast<uint32_t>(block), bytes[block]);
  });
  return bytes;
}

}  // namespace rekindle

#include "engine/columns/mask_scan.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <vector>

namespace rekindle {
namespace {

// Some users of a block with days in a month.
MaskBlock SomeMasks(std::mt19937& random, uint32_t one_in) {
  MaskBlock block;
  for (uint32_t user = 0; user < kBlockUsers; ++user) {
    if (random() % one_in == 0) block.Join(user, random() >> 1 | 1);
  }
  return block;
}

TEST(MaskScan, PlacesEachMaskAtItsUser) {
  std::mt19937 random(1);
  for (uint32_t one_in : {1, 3, 4000}) {
    const MaskBlock block = SomeMasks(random, one_in);
    MasksByUser masks;
    masks.fill(7);
    Place(block, masks);
    for (uint32_t user = 0; user < kBlockUsers; ++user) {
      ASSERT_EQ(masks[user], block.Get(user)) << user << " of " << one_in;
    }
  }
}

TEST(MaskScan, CountsTheDaysOfAllMonths) {
  std::mt19937 random(2);
  std::array<MasksByUser, 3> masks;
  for (MasksByUser& month : masks) Place(SomeMasks(random, 2), month);
  for (size_t months : {0, 1, 3}) {
    std::vector<CountedMonth> counted;
    for (size_t m = 0; m < months; ++m) {
      counted.push_back({&masks[m], static_cast<uint32_t>(random())});
    }
    DaysByUser counts;
    counts.fill(9);
    CountDays(counted, counts);
    for (uint32_t user = 0; user < kBlockUsers; ++user) {
      int days = 0;
      for (const auto& [month, bits] : counted) {
        days += std::popcount((*month)[user] & bits);
      }
      ASSERT_EQ(counts[user], days) << user << " in " << months << " months";
    }
  }
}

TEST(MaskScan, AddsThoseWithADay) {
  std::mt19937 random(3);
  MasksByUser masks;
  Place(SomeMasks(random, 2), masks);
  std::array<uint64_t, kBlockWords> users{};
  users[5] = 0b101;
  AddThoseWith(masks, 0x40, users);
  for (uint32_t user = 0; user < kBlockUsers; ++user) {
    const bool there = user == 320 || user == 322;
    ASSERT_EQ(users[user / 64] >> (user % 64) & 1,
              there || (masks[user] & 0x40) != 0)
        << user;
  }
}

}  // namespace
}  // namespace rekindle

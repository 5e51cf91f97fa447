#include "engine/columns/byte_scan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "engine/preferences/threshold.h"

namespace rekindle {
namespace {

bool BitOf(const std::array<uint64_t, kBlockWords>& bits, uint32_t i) {
  return bits[i / 64] >> (i % 64) & 1;
}

TEST(ByteScan, BelowIsLess) {
  std::mt19937 random(1);
  std::array<int32_t, kBlockUsers> values;
  for (int32_t& value : values) {
    value = static_cast<int32_t>(random() % 11) - 5;
  }
  values[7] = INT32_MAX;
  values[9] = INT32_MIN;
  for (int32_t bound : {INT32_MIN, -5, 0, 3, INT32_MAX}) {
    std::array<uint64_t, kBlockWords> bits;
    Below(values.data(), bound, bits);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      ASSERT_EQ(BitOf(bits, i), values[i] < bound) << values[i] << bound;
    }
  }
}

TEST(ByteScan, MarksBecomeBits) {
  std::mt19937 random(5);
  Marks marks;
  for (uint8_t& mark : marks) mark = random() % 3 == 0 ? kMark : 0;
  std::array<uint64_t, kBlockWords> bits;
  Marked(marks, bits);
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    ASSERT_EQ(BitOf(bits, i), marks[i] == kMark) << i;
  }
}

TEST(ByteScan, SpreadGivesEachItsPlace) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 50; ++round) {
    std::array<uint64_t, kBlockWords> places;
    std::array<uint16_t, kBlockWords> before;
    DenseBits dense{};
    std::vector<bool> expected(kBlockUsers);
    uint16_t rank = 0;
    for (uint32_t w = 0; w < kBlockWords; ++w) {
      places[w] = round == 0 ? ~uint64_t{0} : random() & random();
      before[w] = rank;
      for (uint32_t i = 0; i < 64; ++i) {
        if ((places[w] >> i & 1) == 0) continue;
        const uint64_t bit = random() & 1;
        dense[rank / 64] |= bit << (rank % 64);
        expected[64 * w + i] = bit != 0;
        ++rank;
      }
    }
    std::array<uint64_t, kBlockWords> bits;
    Spread(dense, places, before, bits);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      ASSERT_EQ(BitOf(bits, i), expected[i]) << i << " in round " << round;
    }
  }
}

TEST(ByteScan, ReachedIsTheShareInWholeNumbers) {
  std::mt19937 random(2);
  using Counts = std::array<uint8_t, kBlockUsers>;
  for (double share : {0.0, 0.07, 0.25, 1.0 / 3, 0.5, 0.999, 1.0}) {
    for (int least : {1, 3, 50}) {
      PreferenceSettings settings;
      settings.threshold = share;
      settings.min_active_days = least;
      const Threshold threshold(settings);
      const Floors floors = threshold.ToFloors(248);
      Counts active, needed;
      std::vector<Counts> rows(3);
      for (uint32_t i = 0; i < kBlockUsers; ++i) {
        active[i] = static_cast<uint8_t>(random() % 249);
        for (Counts& row : rows) {
          row[i] = static_cast<uint8_t>(random() % (active[i] + 1));
        }
      }
      for (uint32_t i = 0; i < kBlockUsers; ++i) {
        needed[i] = floors[active[i]];
      }
      for (const Counts& row : rows) {
        DenseBits bits{};
        Reached(row.data(), needed.data(), kBlockWords, bits);
        for (uint32_t i = 0; i < kBlockUsers; ++i) {
          // A label needs a day of its own, whatever the share.
          const bool expected =
              row[i] > 0 && threshold.Reached(row[i], active[i]);
          ASSERT_EQ((bits[i / 64] >> (i % 64) & 1) != 0, expected)
              << share << ": " << int{row[i]} << " of " << int{active[i]};
        }
      }
    }
  }
}

}  // namespace
}  // namespace rekindle

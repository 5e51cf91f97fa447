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

TEST(ByteScan, ReachedIsTheShareInWholeNumbers) {
  std::mt19937 random(2);
  using Counts = std::array<uint8_t, kBlockUsers>;
  for (double share : {0.0, 0.07, 0.25, 1.0 / 3, 0.5, 0.999, 1.0}) {
    for (int least : {1, 3, 50}) {
      PreferenceSettings settings;
      settings.threshold = share;
      settings.min_active_days = least;
      const Threshold threshold(settings);
      Counts active;
      std::vector<Counts> rows(3);
      for (uint32_t i = 0; i < kBlockUsers; ++i) {
        active[i] = static_cast<uint8_t>(random() % 249);
        for (Counts& row : rows) {
          row[i] = static_cast<uint8_t>(random() % (active[i] + 1));
        }
      }
      std::vector<std::array<uint64_t, kBlockWords>> bits(rows.size());
      std::vector<uint64_t*> out;
      for (auto& words : bits) out.push_back(words.data());
      Reached(active, rows.data(), rows.size(), threshold.ToFloors(248),
              out.data());
      for (size_t r = 0; r < rows.size(); ++r) {
        for (uint32_t i = 0; i < kBlockUsers; ++i) {
          // A label needs a day of its own, whatever the share.
          const bool expected =
              rows[r][i] > 0 && threshold.Reached(rows[r][i], active[i]);
          ASSERT_EQ(BitOf(bits[r], i), expected)
              << share << ": " << int{rows[r][i]} << " of " << int{active[i]};
        }
      }
    }
  }
}

}  // namespace
}  // namespace rekindle

#include "engine/columns/byte_scan.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <vector>

#include "engine/preferences/threshold.h"
#include "tests/unit/engine/columns/some_masks.h"

namespace rekindle {
namespace {

TEST(ByteScan, BelowIsLess) {
  std::mt19937 random(1);
  std::array<int32_t, kBlockUsers> values;
  for (int32_t& value : values) {
    value = static_cast<int32_t>(random() % 11) - 5;
  }
  values[7] = INT32_MAX;
  values[9] = INT32_MIN;
  for (int32_t bound : {INT32_MIN, -5, 0, 3, INT32_MAX}) {
    for (const auto below : {Below, plain::Below}) {
      std::array<uint64_t, kBlockWords> bits;
      below(values.data(), bound, bits);
      for (uint32_t i = 0; i < kBlockUsers; ++i) {
        ASSERT_EQ(BitOf(bits, i), values[i] < bound) << values[i] << bound;
      }
    }
  }
}

TEST(ByteScan, MarksBecomeBits) {
  std::mt19937 random(5);
  Marks marks;
  for (uint8_t& mark : marks) mark = random() % 3 == 0 ? kMark : 0;
  for (const auto marked : {Marked, plain::Marked}) {
    std::array<uint64_t, kBlockWords> bits;
    marked(marks, bits);
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      ASSERT_EQ(BitOf(bits, i), marks[i] == kMark) << i;
    }
  }
}

TEST(ByteScan, LookUpIsTheTable) {
  std::mt19937 random(6);
  Floors floors;
  for (uint8_t& floor : floors) floor = static_cast<uint8_t>(random());
  std::array<uint8_t, kBlockUsers> values, found;
  for (uint8_t& value : values) value = static_cast<uint8_t>(random());
  for (size_t words : {size_t{1}, size_t{7}, size_t{kBlockWords}}) {
    for (const auto look_up : {LookUp, plain::LookUp}) {
      found.fill(7);
      look_up(values.data(), words, floors, found.data());
      for (size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i], i < 64 * words ? floors[values[i]] : 7) << i;
      }
    }
  }
}

// Of the users of a block some are counted, side by side.
TEST(ByteScan, ReachedIsTheShareInWholeNumbers) {
  std::vector kinds = {ReachedAmong, plain::ReachedAmong};
  if (halves::Work()) kinds.push_back(halves::ReachedAmong);
  std::mt19937_64 random(2);
  for (double share : {0.0, 0.07, 0.25, 1.0 / 3, 0.5, 0.999, 1.0}) {
    for (int least : {1, 3, 50}) {
      PreferenceSettings settings;
      settings.threshold = share;
      settings.min_active_days = least;
      const Threshold threshold(settings);
      std::array<uint64_t, kBlockWords> users, others, bits;
      std::array<uint16_t, kBlockWords> before;
      std::vector<uint8_t> active, did;
      for (uint32_t w = 0; w < kBlockWords; ++w) {
        // A word of nobody and one of everybody are among them.
        users[w] = w == 3 ? 0 : w == 5 ? ~uint64_t{0} : random() & random();
        others[w] = random() | random();
        before[w] = static_cast<uint16_t>(active.size());
        for (int i = 0; i < std::popcount(users[w]); ++i) {
          active.push_back(static_cast<uint8_t>(random() % 249));
          did.push_back(static_cast<uint8_t>(random() % (active.back() + 1u)));
        }
      }
      const size_t counted = active.size(), words = (counted + 63) / 64;
      // What stands behind is of nobody.
      active.resize(words * 64 + kReadBehind, 200);
      did.resize(active.size(), 250);
      std::vector<uint8_t> needed(active.size());
      LookUp(active.data(), words, threshold.ToFloors(248), needed.data());
      for (const auto reached : kinds) {
        bits.fill(random());
        reached({users, before}, did.data(), needed.data(), others.data(),
                bits.data());
        for (uint32_t i = 0, next = 0; i < kBlockUsers; ++i) {
          if (!BitOf(users, i)) {
            ASSERT_FALSE(BitOf(bits, i)) << i;
            continue;
          }
          // A label needs a day of its own, whatever the share.
          const bool expected =
              did[next] > 0 && threshold.Reached(did[next], active[next]);
          ASSERT_EQ(BitOf(bits, i), expected && BitOf(others, i))
              << share << ": " << int{did[next]} << " of " << int{active[next]};
          ++next;
        }
      }
    }
  }
}

}  // namespace
}  // namespace rekindle

#include "engine/columns/packed_masks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/unit/engine/columns/some_masks.h"

namespace rekindle {
namespace {

void ExpectSame(const PackedMasks& packed, const MaskBlock& expected) {
  ASSERT_TRUE(std::ranges::equal(packed.present, expected.present()));
  ASSERT_TRUE(std::ranges::equal(packed.masks(), expected.masks()));
}

TEST(PackedMasksTest, JoinIsTheUnionUserByUser) {
  std::mt19937 random(1);
  for (uint32_t one_in : {1, 2, 40, 5000}) {
    for (uint32_t other_one_in : {1, 3, 5000}) {
      const MaskBlock a = SomeMasks(random, one_in);
      const MaskBlock b = SomeMasks(random, other_one_in);
      MaskBlock expected = a;
      b.ForEach(
          [&](uint32_t user, uint32_t mask) { expected.Join(user, mask); });
      for (const auto join : {JoinMasks, plain::JoinMasks}) {
        PackedMasks joined;
        join(a, b, joined);
        ExpectSame(joined, expected);
      }
      MaskBlock whole = a;
      whole.Join(b);
      EXPECT_EQ(whole.days(), expected.days());
      for (uint32_t user = 0; user < kBlockUsers; ++user) {
        ASSERT_EQ(whole.Get(user), expected.Get(user)) << user;
      }
    }
  }
}

TEST(PackedMasksTest, ColumnsAreTakenOutOfRows) {
  std::mt19937 random(2);
  struct Shape {
    size_t columns, stride;
  };
  for (const auto& [columns, stride] :
       {Shape{1, 1}, {3, 4}, {13, 16}, {16, 16}, {20, 32}, {40, 48}}) {
    for (uint32_t one_in : {1, 5, 3000}) {
      std::vector<uint32_t> rows(kBlockUsers * stride);
      std::array<uint64_t, kBlockWords> touched{};
      std::vector<MaskBlock> expected(columns);
      for (uint32_t user = 0; user < kBlockUsers; ++user) {
        if (random() % one_in != 0) continue;
        touched[user / 64] |= uint64_t{1} << (user % 64);
        for (size_t column = 0; column < columns; ++column) {
          if (random() % 3 == 0) continue;
          const uint32_t mask = random() >> 1;
          rows[user * stride + column] = mask;
          expected[column].Join(user, mask);
        }
      }
      for (const auto pack : {PackRows, plain::PackRows}) {
        std::vector<uint32_t> taken = rows;
        std::vector<PackedMasks> packed(columns);
        pack(taken.data(), stride, touched, packed);
        for (size_t column = 0; column < columns; ++column) {
          SCOPED_TRACE(column);
          ExpectSame(packed[column], expected[column]);
        }
        ASSERT_EQ(std::ranges::count(taken, 0u),
                  static_cast<ptrdiff_t>(taken.size()))
            << columns << " of " << stride;
      }
    }
  }
}

}  // namespace
}  // namespace rekindle

#include "config/base/hash.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <set>

namespace rekindle {
namespace {

// These values decide who is held out and what a touch is called: a change of
// one of them is a change of every experiment that runs.
TEST(Hash, ValuesAreFixed) {
  EXPECT_EQ(StableHash({}), 0x2d06800538d394c2u);
  EXPECT_EQ(StableId({}), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(StableHash({"u1", "wake", "2026"}), 0x4754f73f65cf7dc0u);
  EXPECT_EQ(StableId({"u1", "wake", "2026"}),
            "2f3e7e0df772e767f690051c8ee19dfc");
  EXPECT_EQ(Hash128(""), (std::array<uint64_t, 2>{0x99aa06d3014798d8u,
                                                  0x6001c324468d497fu}));
}

// Each part stands after its length: 8 bytes, little-endian.
TEST(Hash, PartsAreLaidEndToEnd) {
  using namespace std::string_view_literals;
  auto laid = Hash128("\2\0\0\0\0\0\0\0u1\3\0\0\0\0\0\0\0abc"sv);
  char id[33];
  std::snprintf(id, sizeof id, "%016" PRIx64 "%016" PRIx64, laid[0], laid[1]);
  EXPECT_EQ(StableId({"u1", "abc"}), id);
}

TEST(Hash, PartsAreKeptApart) {
  EXPECT_NE(StableHash({"ab", "c"}), StableHash({"a", "bc"}));
  EXPECT_NE(StableHash({"abc"}), StableHash({"abc", ""}));
  EXPECT_NE(StableId({"ab", "c"}), StableId({"a", "bc"}));
}

// Short parts are laid out on the stack, long ones on the heap.
TEST(Hash, AnyLength) {
  std::set<uint64_t> hashes;
  for (size_t length = 0; length < 600; ++length) {
    std::string part(length, 'x');
    hashes.insert(StableHash({part, "y"}));
    EXPECT_EQ(StableId({part, "y"}).size(), 32u) << length;
  }
  EXPECT_EQ(hashes.size(), 600u);
}

TEST(Hash, UnitIntervalIsEven) {
  EXPECT_EQ(UnitInterval(0), 0.0);
  EXPECT_LT(UnitInterval(~uint64_t{0}), 1.0);
  int tenths[10] = {};
  for (int i = 0; i < 100000; ++i) {
    double at = UnitInterval(StableHash({"user-" + std::to_string(i), "salt"}));
    ++tenths[static_cast<int>(at * 10)];
  }
  // 10000 each; six standard deviations are 570.
  for (int count : tenths) EXPECT_NEAR(count, 10000, 570);
}

}  // namespace
}  // namespace rekindle

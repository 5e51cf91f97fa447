#include "engine/sets/bit_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace rekindle {
namespace {

TEST(BitList, BothWaysGiveTheSameAndTouchNothingBehind) {
  std::mt19937_64 random(5);
  constexpr uint32_t kUntouched = 4'000'000'000;
  for (int round = 0; round < 300; ++round) {
    std::vector<uint64_t> words(random() % 40);
    for (uint64_t& word : words) {
      const int thinned = static_cast<int>(random() % 5);  // 4: all set
      word = thinned == 4 ? ~uint64_t{0} : random();
      for (int i = 0; i < thinned && thinned < 4; ++i) word &= random();
    }
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < words.size() * 64; ++i) {
      if (words[i / 64] >> (i % 64) & 1) expected.push_back(i);
    }
    ASSERT_EQ(CountBits(words), expected.size()) << round;
    expected.resize(expected.size() + 20, kUntouched);
    for (const auto list : {ListBits, plain::ListBits}) {
      std::vector<uint32_t> numbers(expected.size(), kUntouched);
      list(words, numbers.data());
      ASSERT_EQ(numbers, expected) << round;
    }
  }
}

}  // namespace
}  // namespace rekindle

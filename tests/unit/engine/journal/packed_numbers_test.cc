#include "engine/journal/packed_numbers.h"

#include <gtest/gtest.h>

#include <random>

namespace rekindle {
namespace {

template <class Number>
std::string Packed(const std::vector<Number>& numbers) {
  std::string bytes;
  PutNumbers(&bytes, std::span<const Number>(numbers));
  return bytes;
}

// What comes back, with something behind it that must stay.
template <class Number>
std::vector<Number> Back(const std::vector<Number>& numbers) {
  const std::string bytes = Packed(numbers) + "rest";
  std::string_view left = bytes;
  std::vector<Number> back(numbers.size(), 7);
  EXPECT_TRUE(TakeNumbers(&left, std::span(back)));
  EXPECT_EQ(left, "rest");
  return back;
}

template <class Number>
std::vector<Number> RandomNumbers(std::mt19937_64& random, size_t count,
                                  int bits) {
  std::vector<Number> numbers(count);
  for (Number& number : numbers) {
    number = bits == 0 ? 0 : static_cast<Number>(random() >> (64 - bits));
  }
  return numbers;
}

TEST(PackedNumbersTest, ComeBackAtEveryWidthAndLength) {
  std::mt19937_64 random(1);
  for (int bits = 0; bits <= 64; ++bits) {
    for (size_t count : {0, 1, 2, 7, 63, 64, 65, 128, 300}) {
      const auto wide = RandomNumbers<uint64_t>(random, count, bits);
      ASSERT_EQ(Back(wide), wide) << bits << " bits, " << count;
      if (bits > 32) continue;
      const auto narrow = RandomNumbers<uint32_t>(random, count, bits);
      ASSERT_EQ(Back(narrow), narrow) << bits << " bits, " << count;
    }
  }
}

TEST(PackedNumbersTest, TakeTheBitsTheyNeed) {
  const struct {
    std::vector<uint64_t> numbers;
    size_t bytes;
  } rows[] = {
      {{}, 0},
      {{0}, 1},
      {{1}, 2},
      {{255, 0}, 3},
      {std::vector<uint64_t>(64, 0), 1},
      {std::vector<uint64_t>(64, 3), 17},
      {std::vector<uint64_t>(65, 3), 17 + 2},
      {{uint64_t{1} << 31}, 1 + 4},
      {{uint64_t{1} << 32}, 1 + 8},
  };
  for (const auto& [numbers, bytes] : rows) {
    EXPECT_EQ(Packed(numbers).size(), bytes)
        << ::testing::PrintToString(numbers);
  }
}

TEST(PackedNumbersTest, OneThatIsOutOfTheWayMakesSixtyFourWide) {
  std::vector<uint64_t> numbers(640, 3);
  numbers[100] = UINT64_MAX;
  EXPECT_EQ(Packed(numbers).size(), 9 * 17u + 1 + 64 * 8);
  EXPECT_EQ(Back(numbers), numbers);
}

TEST(PackedNumbersTest, WhatIsCutShortOrOfWiderNumbersIsNotTaken) {
  const std::vector<uint64_t> numbers(70, uint64_t{1} << 40);
  const std::string bytes = Packed(numbers);
  std::vector<uint64_t> back(numbers.size());
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view cut = std::string_view(bytes).substr(0, size);
    EXPECT_FALSE(TakeNumbers(&cut, std::span(back))) << size;
  }
  std::string_view whole = bytes;
  std::vector<uint32_t> narrow(numbers.size());
  EXPECT_FALSE(TakeNumbers(&whole, std::span(narrow)));
  for (char bits : {33, 40, 65, -1}) {
    const std::string wrong = bits + std::string(1000, 'x');
    std::string_view left = wrong;
    EXPECT_FALSE(TakeNumbers(&left, std::span(back))) << int{bits};
  }
}

}  // namespace
}  // namespace rekindle

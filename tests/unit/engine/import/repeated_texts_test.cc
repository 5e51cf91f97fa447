#include "engine/import/repeated_texts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rekindle {
namespace {

TEST(RepeatedTexts, EqualTextsShareThePlaceOfTheFirst) {
  const std::string first = "order_create", again = first;
  RepeatedTexts texts;
  EXPECT_EQ(texts.FirstOf(first).data(), first.data());
  EXPECT_EQ(texts.FirstOf(again).data(), first.data());
}

TEST(RepeatedTexts, EveryTextStaysWhatItIs) {
  std::vector<std::string> words = {"", "a", std::string(300, 'x')};
  for (int i = 0; i < 1000; ++i) words.push_back(std::to_string(i));
  RepeatedTexts texts;
  for (int times = 0; times < 2; ++times) {
    for (const std::string& word : words) EXPECT_EQ(texts.FirstOf(word), word);
  }
}

}  // namespace
}  // namespace rekindle

#include "engine/journal/packed_texts.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/store/packed.h"

namespace rekindle {
namespace {

std::string Packed(const std::vector<std::string>& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::string bytes;
  PutTexts(&bytes, views);
  return bytes;
}

// What comes back, with something behind it that must stay.
std::vector<std::string> Back(const std::vector<std::string>& texts) {
  const std::string bytes = Packed(texts) + "rest";
  std::string_view left = bytes;
  TextColumn column;
  EXPECT_TRUE(TakeTexts(&left, texts.size(), &column));
  EXPECT_EQ(left, "rest");
  std::vector<std::string> back;
  for (size_t i = 0; i < column.size(); ++i) back.emplace_back(column[i]);
  return back;
}

std::string Repeated(int times, std::string_view text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string Order(std::mt19937& random) {
  return R"({"amount":)" + std::to_string(random() % 1000) + "." +
         std::to_string(random() % 10) + std::to_string(random() % 10) +
         R"(,"page":"/p/)" + std::to_string(random() % 90000) +
         R"(","channel":")" + (random() % 2 == 0 ? "ios" : "android") + "\"}";
}

// Any text, and among many of its like: as a shape with columns.
TEST(PackedTextsTest, ComeBackAsTheyWere) {
  const std::string texts[] = {
      "",
      "{}",
      "0",
      "7",
      "007",
      "00",
      "10",
      R"({"a":0,"b":-1.050,"c":1e10})",
      "123456789012345678",                    // 18 digits
      "1234567890123456789",                   // 19
      "999999999999999999000000000000000000",  // 36, the second half zeros
      Repeated(200, "12"),
      Repeated(64, "x") + "1",
      Repeated(63, "x") + "12" + Repeated(64, "y") + "3",
      R"({"城市":"上海","楼":28})",
      "a mark \x01 itself, and 5",
      std::string("a NUL \0 and 5", 13),
      "line\nend\r\n\t5",
  };
  for (const std::string& text : texts) {
    for (int copies : {1, 16, 17, 100}) {
      std::vector<std::string> some(copies, text);
      EXPECT_EQ(Back(some), some) << text;
      some.insert(some.begin(), R"({"other":1})");
      some.insert(some.begin() + copies / 2, "");
      EXPECT_EQ(Back(some), some) << text;
    }
  }
  EXPECT_EQ(Back({}), std::vector<std::string>());
}

TEST(PackedTextsTest, RandomTextsComeBack) {
  std::mt19937 random(3);
  const std::string pieces[] = {"a",    "{\"k\":", "0", "12",
                                "\x01", ",",       "9", "上"};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts(random() % 300);
    for (std::string& text : texts) {
      const auto kinds = 1 + random() % std::size(pieces);
      for (auto left = random() % 6; left > 0; --left) {
        text += pieces[random() % kinds];
      }
    }
    ASSERT_EQ(Back(texts), texts);
  }
}

TEST(PackedTextsTest, AreSmallerThanUnderTheCompressorAlone) {
  std::mt19937 random(4);
  std::vector<std::string> alike, unlike;
  std::string alike_bytes, unlike_bytes;
  for (int i = 0; i < 10000; ++i) {
    alike.push_back(Order(random));
    alike_bytes += alike.back();
    std::string& text = unlike.emplace_back("{\"id\":\"");
    for (int part = 0; part < 8; ++part) {
      text += "0123456789abcdef-"[random() % 17];
    }
    unlike_bytes += text += "\"}";
  }
  EXPECT_LT(Packed(alike).size(), 0.7 * Pack(alike_bytes).size());
  // What has nothing to share costs its size, and a bit.
  EXPECT_LT(Packed(unlike).size(), 1.2 * Pack(unlike_bytes).size());
}

TEST(PackedTextsTest, WhatIsCutShortIsRefused) {
  std::mt19937 random(5);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back(Order(random));
  texts.push_back("alone");
  const std::string bytes = Packed(texts);
  TextColumn column;
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view left = std::string_view(bytes).substr(0, size);
    EXPECT_FALSE(TakeTexts(&left, texts.size(), &column)) << size;
  }
  for (size_t count : {size_t{0}, texts.size() - 1, texts.size() + 1}) {
    std::string_view left = bytes;
    EXPECT_FALSE(TakeTexts(&left, count, &column) && left.empty()) << count;
  }
}

// The checksum around them finds what is damaged; nothing may break before.
TEST(PackedTextsTest, DamagedBytesAreReadSafely) {
  std::mt19937 random(6);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back(Order(random));
  const std::string bytes = Packed(texts);
  TextColumn column;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    std::string_view left = damaged;
    if (TakeTexts(&left, texts.size(), &column)) {
      EXPECT_EQ(column.size(), texts.size());
    }
  }
}

}  // namespace
}  // namespace rekindle

#include "config/base/utf8.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(Utf8, FindsWhatIsInvalid) {
  struct {
    std::string text;
    std::optional<size_t> at;
  } rows[] = {
      {"", std::nullopt},
      {"aé中🚗", std::nullopt},
      {"\xF4\x8F\xBF\xBF", std::nullopt},
      {"a\x80", 1},
      {"ab\xC3", 2},
      {"\xC0\xAF", 0},          // overlong
      {"\xE0\x80\x80", 0},      // overlong
      {"\xED\xA0\x80", 0},      // a surrogate
      {"\xF4\x90\x80\x80", 0},  // beyond Unicode
      {"\xF0\x9F\x9A", 0},
      {"中\xFF", 3},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(InvalidUtf8At(row.text), row.at) << row.text;
  }
}

TEST(Utf8, TakesAndAppendsCharacters) {
  const std::string text = "aé中🚗";
  std::string_view rest = text;
  std::u32string characters;
  std::string again;
  while (!rest.empty()) {
    characters += TakeCharacter(&rest);
    AppendCharacter(characters.back(), &again);
  }
  EXPECT_EQ(characters, U"aé中🚗");
  EXPECT_EQ(again, text);
  std::string_view broken = "\xE4x";
  EXPECT_EQ(TakeCharacter(&broken), kReplacementCharacter);
  EXPECT_EQ(broken, "x");
}

TEST(Utf8, WidthOnATerminal) {
  struct {
    const char* text;
    size_t width;
  } rows[] = {
      {"", 0},         {"abc", 3},  {"é", 1},    {"e\u0301", 1}, {"上海", 4},
      {"ﾊﾝｶｸ", 4},     {"한국", 4}, {"，。", 4}, {"🚗", 2},       {"Ａ", 2},
      {"a\u200Bb", 2}, {"€", 1},    {"𠀀", 2},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(DisplayWidth(row.text), row.width) << row.text;
  }
}

}  // namespace
}  // namespace rekindle

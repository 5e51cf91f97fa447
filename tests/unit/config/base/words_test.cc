#include "config/base/words.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

using Words = std::vector<std::string>;

TEST(Words, Closest) {
  const Words known = {"app_open", "trip",     "car_control", "paid_big",
                       "lt",       "沉默用户", "流失用户"};
  struct {
    const char* word;
    const char* closest;
  } rows[] = {
      {"app_opn", "app_open"},
      {"app_oepn", "app_open"},
      {"App_Open", "app_open"},
      {"APP_OPEN", "app_open"},
      {"tripp", "trip"},
      {"carcontrol", "car_control"},
      {"car-control", "car_control"},
      {"gt", "lt"},
      {"沉默用护", "沉默用户"},
      {"car", "car_control"},  // it only stops early
      {"ca", ""},
      {"流失", ""},
      {"banana", ""},
      {"t", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ClosestWord(row.word, known), row.closest) << row.word;
  }
  EXPECT_EQ(ClosestWord("ax", {"ay", "az"}), "ay");
  EXPECT_EQ(ClosestWord("x", {}), "");
}

TEST(Words, Suggestion) {
  EXPECT_EQ(Suggestion("dialy", {"daily", "weekly"}),
            "; did you mean \"daily\"?");
  EXPECT_EQ(Suggestion("hourly", {"daily", "cron"}),
            "; expected daily or cron");
  EXPECT_EQ(Suggestion("x", {}), "");
  EXPECT_EQ(Suggestion("hourly", Words(13, "candidate")), "");
}

TEST(Words, SmallOnes) {
  EXPECT_EQ(OneOf({}), "");
  EXPECT_EQ(OneOf({"a"}), "a");
  EXPECT_EQ(OneOf({"a", "b"}), "a or b");
  EXPECT_EQ(OneOf({"a", "b", "c"}), "a, b or c");
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_EQ(Split("a,,b,", ','), (Words{"a", "", "b", ""}));
  EXPECT_EQ(Split("a", ','), (Words{"a"}));
  EXPECT_EQ(Split("", ','), Words{});
  EXPECT_EQ(Join({"a", "", "b"}, "; "), "a; ; b");
  EXPECT_EQ(Join({}, ";"), "");
}

}  // namespace
}  // namespace rekindle

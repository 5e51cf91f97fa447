#include "engine/links/link_token.h"

#include <gtest/gtest.h>

#include "config/base/hmac.h"

namespace rekindle {
namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kOther[] = "0123456789abcdef0123456789abcdee";

TEST(LinkToken, LeadsBackToItsTouchAndNumber) {
  for (const int number : {0, 1, 255}) {
    const std::string token = MakeToken("key", TokenUse::kLink, kId, number);
    EXPECT_EQ(token.size(), 24u);
    EXPECT_EQ(token.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                  "0123456789-_"),
              std::string::npos);
    const auto parsed = ParseToken(token);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->touch, "0123456789abcdef");
    EXPECT_EQ(parsed->number, number);
    EXPECT_TRUE(Verifies(*parsed, "key", TokenUse::kLink, kId));
  }
}

TEST(LinkToken, IsGoodForNothingElse) {
  const auto token = ParseToken(MakeToken("key", TokenUse::kLink, kId, 1));
  ASSERT_TRUE(token);
  EXPECT_FALSE(Verifies(*token, "other key", TokenUse::kLink, kId));
  EXPECT_FALSE(Verifies(*token, "key", TokenUse::kUnsubscribe, kId));
  EXPECT_FALSE(Verifies(*token, "key", TokenUse::kLink, kOther));
}

TEST(LinkToken, EveryChangedCharacterIsNoticed) {
  const std::string good = MakeToken("key", TokenUse::kLink, kId, 7);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    const auto parsed = ParseToken(bad);
    ASSERT_TRUE(parsed) << bad;
    EXPECT_FALSE(Verifies(*parsed, "key", TokenUse::kLink, kId)) << bad;
  }
}

TEST(LinkToken, IsRefusedWhereItIsNone) {
  const std::string good = MakeToken("key", TokenUse::kLink, kId, 7);
  for (const std::string& text :
       {std::string(), good.substr(1), good + "A", std::string(24, '='),
        std::string(24, '\0'), std::string(24, '\xC3'),
        good.substr(0, 23) + "+"}) {
    EXPECT_FALSE(ParseToken(text)) << text;
  }
}

// Worked out with Python's hmac.
TEST(BounceToken, IsAVerpMac) {
  EXPECT_EQ(ToHex(HmacSha256("verp-secret", "m-0001")).substr(0, 16),
            "35c13d0407523360");
}

TEST(BounceToken, SurvivesALostCaseAndNothingElse) {
  const std::string token = MakeBounceToken("key", kId);
  EXPECT_EQ(token.size(), 49u);
  EXPECT_EQ(ReadBounceToken("key", token), kId);
  std::string upper = token;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(ReadBounceToken("key", upper), kId);
  EXPECT_FALSE(ReadBounceToken("other", token));
  EXPECT_FALSE(ReadBounceToken(
      "key", MakeBounceToken("key", kOther).replace(0, 32, kId)));
  for (const char* text : {"", ".", "a.b", "0123456789abcdef"}) {
    EXPECT_FALSE(ReadBounceToken("key", text)) << text;
  }
}

}  // namespace
}  // namespace rekindle

// Keyed hashes against the vectors of RFC 2202 and RFC 4231.
#include "config/base/hmac.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

std::string Sha1(std::string_view key, std::string_view message) {
  return ToHex(Hmac(HmacHash::kSha1, key, message));
}
std::string Sha256(std::string_view key, std::string_view message) {
  return ToHex(HmacSha256(key, message));
}

// In turns: neither the hash nor the key of one call may reach the next.
TEST(HmacTest, IsThatOfTheStandards) {
  const std::string long_key(131, '\xaa');
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(
        Sha256("Jefe", "what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(Sha1("Jefe", "what do ya want for nothing?"),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(
        Sha256(long_key,
               "Test Using Larger Than Block-Size Key - Hash Key "
               "First"),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(
        Sha256("", ""),
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(Sha1("", ""), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
  }
}

}  // namespace
}  // namespace rekindle

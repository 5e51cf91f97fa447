// Tests daemon/intake/write_keys.cc.
#include "daemon/intake/write_keys.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(WriteKeys, FormsOfTheHeader) {
  struct Case {
    const char* header;
    const char* key;  // "-": none
    bool bearer = false;
  };
  for (const Case& c : {Case{"Basic V0sxMjM6", "WK123"},
                        {"Basic V0sxMjM=", "WK123"},
                        {"basic  V0sxMjM6", "WK123"},
                        {"Basic V0sxMjM6cGFzcw==", "WK123"},
                        {"Bearer WK123", "WK123", true},
                        {"Basic", "-"},
                        {"Basic !!!", "-"},
                        {"BasicV0sxMjM6", "-"},
                        {"Digest x", "-"},
                        {"", "-"}}) {
    auto credentials = ParseAuthorization(c.header);
    EXPECT_EQ(credentials ? credentials->key : "-", c.key) << c.header;
    EXPECT_EQ(credentials && credentials->bearer, c.bearer) << c.header;
  }
}

TEST(WriteKeys, KnowsItsKeysAndForgetsThoseOfBefore) {
  WriteKeys keys({Secret("old"), Secret("new")});
  EXPECT_TRUE(keys.Contains("old"));
  EXPECT_TRUE(keys.Contains("new"));
  EXPECT_FALSE(keys.Contains(""));
  EXPECT_FALSE(keys.Contains("ne"));
  keys.Adopt({Secret("new")});
  EXPECT_FALSE(keys.Contains("old"));
  EXPECT_TRUE(keys.Contains("new"));
}

}  // namespace
}  // namespace rekindle

// How the web addresses of settings begin.
#include "config/base/url_scheme.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(UrlSchemeTest, IsThatOfTheWebOrNone) {
  EXPECT_EQ(WebSchemeOf("https://a.example/"), "https://");
  EXPECT_EQ(WebSchemeOf("http://"), "http://");
  for (const char* other :
       {"", "http:/a", "HTTP://a", "ftp://a", " http://a"}) {
    EXPECT_EQ(WebSchemeOf(other), "") << other;
  }
}

}  // namespace
}  // namespace rekindle

// Tests daemon/pages/page_request.cc: names, and ways back.
#include "daemon/pages/page_request.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(PageRequest, StaysOnThisSite) {
  const std::pair<const char*, bool> rows[] = {
      {"/", true},
      {"/rules/wake?as_of=2026-03-05", true},
      {"/users?id=a%26b", true},
      {"", false},
      {"rules", false},
      {"https://elsewhere.example", false},
      {"//elsewhere.example", false},
      {"/\\elsewhere.example", false},
      {"/\t/elsewhere.example", false},
      {"/\r\nSet-Cookie: a=b", false},
      {"/规则", false},  // a browser sends it percent-encoded
  };
  for (const auto& [target, stays] : rows) {
    EXPECT_EQ(StaysHere(target), stays) << target;
  }
}

TEST(PageRequest, ComesBackToWhatWasAsked) {
  const std::pair<const char*, const char*> rows[] = {
      {"/", "/"},
      {"/?lang=en", "/"},
      {"/users?id=u1", "/users?id=u1"},
      {"/users?lang=en&id=a%26b", "/users?id=a%26b"},
      {"/touches?rule=wake&lang=zh&state=failed",
       "/touches?rule=wake&state=failed"},
      {"/touches?language=x&", "/touches?language=x"},
  };
  for (const auto& [target, left] : rows) {
    EXPECT_EQ(WithoutLanguage(target), left) << target;
  }
}

TEST(PageRequest, FindsTheHost) {
  const std::pair<const char*, const char*> rows[] = {
      {"127.0.0.1:8080", "127.0.0.1"},
      {"[::1]:8080", "::1"},
      {"[::1]", "::1"},
      {"[::1", "::1"},
      {"Rekindle.Example", "rekindle.example"},
      {"https://rekindle.example:8443/team?x", "rekindle.example"},
      {"https://rekindle.example", "rekindle.example"},
      {"", ""},
  };
  for (const auto& [text, host] : rows) EXPECT_EQ(HostOf(text), host) << text;
}

TEST(PageRequest, KnowsNamesThatOthersMayGive) {
  for (const char* host : {"127.0.0.1", "::1", "localhost", "127.0.0.53"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
    EXPECT_FALSE(IsForeignName(host)) << host;
  }
  for (const char* host : {"10.0.0.5", "0.0.0.0", "fe80::1"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
    EXPECT_FALSE(IsForeignName(host)) << host;
  }
  for (const char* host : {"elsewhere.example", "127.0.0.1.elsewhere.example",
                           "localhost.example", "notlocalhost"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
    EXPECT_TRUE(IsForeignName(host)) << host;
  }
  EXPECT_FALSE(IsForeignName(""));
}

}  // namespace
}  // namespace rekindle

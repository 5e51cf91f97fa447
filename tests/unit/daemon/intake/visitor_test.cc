#include "daemon/intake/visitor.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(Visitor, MachinesSayWhatTheyAre) {
  struct Row {
    const char* user_agent;
    bool machine;
  };
  const Row rows[] = {
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) "
       "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 "
       "Safari/604.1",
       false},
      {"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.47",
       false},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 "
       "Firefox/128.0",
       false},
      {"Mozilla/5.0 (compatible; Googlebot/2.1)", true},
      {"Mozilla/5.0 (compatible; YandexBot/3.0)", true},
      {"Barracuda Sentinel (EE)", true},
      {"facebookexternalhit/1.1", true},
      {"WhatsApp/2.23.20.0", true},
      {"curl/7.88.1", true},
      {"python-requests/2.28", true},
      {"Mozilla/5.0 (X11) HeadlessChrome/120.0", true},
      {"", true},
      {"  ", true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(IsMachine(row.user_agent, false), row.machine) << row.user_agent;
  }
}

TEST(Visitor, ImageProxiesShowAPersonsImages) {
  const char proxy[] =
      "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com "
      "GoogleImageProxy)";
  EXPECT_FALSE(IsMachine(proxy, true));
  EXPECT_TRUE(IsMachine(proxy, false));
  EXPECT_TRUE(IsMachine("Googlebot-Image/1.0", true));
}

TEST(Visitor, BrowsersSayThatTheyLoadAhead) {
  EXPECT_TRUE(IsAhead("prefetch;prerender"));
  EXPECT_TRUE(IsAhead("preview"));
  EXPECT_FALSE(IsAhead(""));
}

TEST(Visitor, LanguageIsTheOneAskedForFirst) {
  struct Row {
    const char *header, *language;
  };
  const Row rows[] = {
      {"zh-CN,zh;q=0.9,en;q=0.8", "zh"},
      {"en-US,en;q=0.9,zh;q=0.8", "en"},
      {"zh;q=0.1, en;q=0.2", "en"},
      {"fr, de;q=0.5", ""},
      {"", ""},
      {"fr, en;q=0.5", "en"},
      {"zh;q=0", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(PreferredLanguage(row.header), row.language) << row.header;
  }
}

}  // namespace
}  // namespace rekindle

// The visits that need no daemon around them; the rest is in the acceptance
// tests.
#include "daemon/intake/visits.h"

#include <gtest/gtest.h>

#include "daemon/intake/unsubscribe_page.h"

namespace rekindle {
namespace {

TEST(VisitPaths, AreThoseOfLinksUnsubscribingAndReceipts) {
  for (const char* path : {"/r/x", "/u/x", "/v1/receipts/mail", "/r/"}) {
    EXPECT_TRUE(Visits::Knows(path)) << path;
  }
  for (const char* path : {"/", "/r", "/v1/batch", "/v1/receipts", "/x/r/"}) {
    EXPECT_FALSE(Visits::Knows(path)) << path;
  }
}

TEST(UnsubscribePage, EscapesWhatItIsToldToShow) {
  const std::string page = AskPage("en", "<b>&", "/u/\"x");
  EXPECT_EQ(page.find("<b>"), page.npos);
  EXPECT_NE(page.find("&lt;b&gt;&amp;"), page.npos);
  EXPECT_NE(page.find("action=\"/u/&quot;x?lang=en\""), page.npos);
}

TEST(UnsubscribePage, OffersTheTopicFirstAndTheChannelSecond) {
  const std::string with_topic = AskPage("zh", "offers", "/u/x");
  EXPECT_LT(with_topic.find("value=\"topic\""),
            with_topic.find("value=\"channel\""));
  EXPECT_NE(with_topic.find("lang=\"zh-CN\""), with_topic.npos);
  const std::string without = AskPage("zh", "", "/u/x");
  EXPECT_EQ(without.find("value=\"topic\""), without.npos);
}

TEST(HeadAnswer, HasALengthAndNoBody) {
  Answer answer{.status = 200, .body = "12345"};
  answer.content_type = "text/html";
  const std::string text = ToText(answer, true, false, /*head_only=*/true);
  EXPECT_NE(text.find("Content-Length: 5\r\n"), text.npos);
  EXPECT_NE(text.find("Content-Type: text/html\r\n"), text.npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace rekindle

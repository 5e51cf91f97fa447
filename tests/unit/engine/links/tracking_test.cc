#include "engine/links/tracking.h"

#include <gtest/gtest.h>

#include "engine/links/link_token.h"

namespace rekindle {
namespace {

constexpr char kTouchId[] = "0123456789abcdef0123456789abcdef";

Touch TouchWith(std::vector<ChannelContent> contents) {
  Touch touch;
  touch.touch_id = kTouchId;
  touch.contents = std::move(contents);
  return touch;
}

std::string LinkTo(int number) {
  return "https://go.app.example/r/" +
         MakeToken("folder key", TokenUse::kLink, kTouchId, number);
}

TEST(Tracking, IsNotOnWithoutSettings) {
  Touch touch = TouchWith({{"mail", {{"text", "https://a.example"}}}});
  Tracking(std::nullopt, "folder key").Track(&touch);
  EXPECT_EQ(touch.contents[0].parts[0].second, "https://a.example");
  EXPECT_TRUE(touch.links.empty());
}

TEST(Tracking, PutsEachTargetOnceWhateverThePart) {
  LinkSettings settings;
  settings.base_url = "https://go.app.example";
  Touch touch = TouchWith(
      {{"push", {{"title", "https://a.example"}, {"url", "https://b.example"}}},
       {"mail",
        {{"subject", "https://a.example"},
         {"text", "https://a.example and https://b.example"},
         {"html", "<body><a href=\"https://b.example\">x</a></body>"}}},
       {"app", {{"url", "app://report"}}}});
  Tracking(settings, "folder key").Track(&touch);
  EXPECT_EQ(touch.links, (std::vector<std::string>{"https://b.example",
                                                   "https://a.example"}));
  EXPECT_EQ(touch.contents[0].parts[0].second, "https://a.example");
  EXPECT_EQ(touch.contents[0].parts[1].second, LinkTo(1));
  EXPECT_EQ(touch.contents[1].parts[0].second, "https://a.example");
  EXPECT_EQ(touch.contents[1].parts[1].second, LinkTo(2) + " and " + LinkTo(1));
  EXPECT_EQ(touch.contents[1].parts[2].second,
            "<body><a href=\"" + LinkTo(1) + "\">x</a><img src=\"" + LinkTo(0) +
                "\" width=\"1\" height=\"1\" alt=\"\"></body>");
  EXPECT_EQ(touch.contents[2].parts[0].second, "app://report");
}

TEST(Tracking, LeavesItsOwnLinksAndThePixelWhereOpensAreOff) {
  LinkSettings settings;
  settings.base_url = "https://go.app.example";
  settings.opens = false;
  const Tracking tracking(settings, "folder key");
  const std::string page = tracking.UnsubscribeUrl(kTouchId, "en");
  Touch touch = TouchWith(
      {{"mail", {{"text", page}, {"html", "<a href=\"" + page + "\">x</a>"}}}});
  tracking.Track(&touch);
  EXPECT_EQ(touch.contents[0].parts[0].second, page);
  EXPECT_EQ(touch.contents[0].parts[1].second,
            "<a href=\"" + page + "\">x</a>");
  EXPECT_TRUE(touch.links.empty());
}

TEST(Tracking, SignsWithTheSecretWhereThereIsOne) {
  LinkSettings settings;
  settings.base_url = "https://go.app.example";
  settings.secret = Secret("a secret of the team");
  const Tracking tracking(settings, "folder key");
  EXPECT_EQ(tracking.UnsubscribeUrl(kTouchId, "zh"),
            "https://go.app.example/u/" + MakeToken("a secret of the team",
                                                    TokenUse::kUnsubscribe,
                                                    kTouchId, 0));
  EXPECT_EQ(tracking.BounceToken(kTouchId),
            MakeBounceToken("folder key", kTouchId));
}

}  // namespace
}  // namespace rekindle

// What links and bounces add to the texts of a rule's touches.
#include <gtest/gtest.h>

#include <set>

#include "engine/links/link_store.h"
#include "engine/links/tracking.h"
#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::Headlines;
using testing::kMarch20;
using testing::Load;
using testing::OneRule;
using testing::World;

constexpr char kLinks[] = "links: {base_url: 'https://go.app.example'}\n";
constexpr char kLinkTemplates[] = R"yaml(
templates:
  hello:
    push: {title: Hi, url: "https://app.example/trips"}
    mail: {subject: Hi, text: "https://app.example/trips {{unsubscribe_url}}"}
)yaml";

std::string PartOf(const std::vector<ChannelContent>& contents, size_t channel,
                   const std::string& part) {
  for (const auto& [name, text] : contents.at(channel).parts) {
    if (name == part) return text;
  }
  return "";
}

std::optional<LinkVisit> VisitOf(World& world, TokenUse use,
                                 const std::string& url) {
  return world.engine().store().Read([&](SQLite::Database& db) {
    return FindVisit(db, world.engine().ledger().key(), use,
                     url.substr(url.rfind('/') + 1));
  });
}

TEST(TouchLinks, AreEachTouchsOwnAndLeadWhereTheTemplateSays) {
  World world(OneRule("", "[push, mail]"), kLinkTemplates, kLinks);
  for (const std::string user : {"ann", "bob"}) {
    world.User(user);
    world.Profile(user, "{\"email\":\"" + user + "@x.example\"}");
  }
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "wake: ann send push; bob send push\n");
  world.Run(kMarch20);
  std::set<std::string> urls;
  for (const TouchRow& touch : world.Touches()) {
    const auto contents = world.Contents(touch.user_id);
    const std::string url = PartOf(contents, 0, "url");
    urls.insert(url);
    EXPECT_TRUE(url.starts_with("https://go.app.example/r/")) << url;
    const auto visit = VisitOf(world, TokenUse::kLink, url);
    ASSERT_TRUE(visit) << url;
    EXPECT_EQ(visit->touch_id, touch.touch_id);
    EXPECT_EQ(visit->target, "https://app.example/trips");
    // One number a target, in whichever channel.
    EXPECT_EQ(visit->links, 1);
    const std::string text = PartOf(contents, 1, "text");
    EXPECT_TRUE(text.starts_with(url + " https://go.app.example/u/")) << text;
    const auto leaves = VisitOf(world, TokenUse::kUnsubscribe, text);
    ASSERT_TRUE(leaves) << text;
    EXPECT_EQ(leaves->touch_id, touch.touch_id);
  }
  EXPECT_EQ(urls.size(), 2u);
}

TEST(TouchLinks, AreLeftAloneWithoutTheSection) {
  World world(OneRule(""), R"yaml(
templates: {hello: {push: {title: Hi, url: "https://app.example/trips"}}}
)yaml");
  world.User("ann");
  world.Run(kMarch20);
  EXPECT_EQ(PartOf(world.Contents("ann"), 0, "url"),
            "https://app.example/trips");
  const auto loaded = Load({kLinkTemplates, OneRule("", "mail")});
  EXPECT_EQ(Headlines(loaded.messages),
            "a.yaml:5:60: error: unsubscribe_url needs the section links\n");
}

TEST(TouchLinks, ChannelsGetThePartsTheyAskFor) {
  struct Row {
    const char* keys;
    const char* settings;
    bool unsubscribe;
  };
  const Row rows[] = {
      {"", kLinks, true},
      {"class: transactional", kLinks, false},
      {"", "", false},
  };
  auto channels = testing::TestChannels();
  channels[0].added_parts = {std::string(kUnsubscribeUrl),
                             std::string(kBounceToken)};
  for (const Row& row : rows) {
    World world(OneRule(row.keys), testing::kPlainTemplates, row.settings,
                channels);
    world.User("ann");
    world.User("bob");
    world.Run(kMarch20);
    const std::string& key = world.engine().ledger().key();
    const std::vector<TouchRow> touches = world.Touches();
    EXPECT_EQ(touches.size(), 2u);
    for (const TouchRow& touch : touches) {
      const auto contents = world.Contents(touch.user_id);
      EXPECT_EQ(PartOf(contents, 0, "bounce_token"),
                MakeBounceToken(key, touch.touch_id))
          << row.keys << row.settings;
      EXPECT_EQ(!PartOf(contents, 0, "unsubscribe_url").empty(),
                row.unsubscribe)
          << row.keys << row.settings;
    }
  }
}

}  // namespace
}  // namespace rekindle

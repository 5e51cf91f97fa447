// Renderable: missing variables, variants, languages, and what texts may name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::OneRule;
using testing::UserNames;
using testing::World;

TEST(Renderable, AMissingVariableIsASkipWithItsName) {
  World world(OneRule(""), R"yaml(
templates:
  hello:
    push: {title: {zh: "你好 {{nickname}}", en: "Hi {{nickname}}"}}
)yaml");
  world.User("ann");
  world.User("bob");
  world.Profile("bob", R"({"nickname":"Bob","language":"en"})");
  world.User("cat");
  world.Profile("cat", R"({"nickname":"猫"})");
  world.User("dan");
  world.Profile("dan", R"({"nickname":""})");
  auto plans = world.Plan(kMarch20);
  EXPECT_EQ(world.Lines(plans),
            "wake: ann skip missing_variable; bob send push; cat send push; "
            "dan skip missing_variable\n");
  EXPECT_EQ(world.Detail("ann", "renderable", kMarch20), "nickname");
  world.Run(kMarch20);
  EXPECT_EQ(world.Contents("bob")[0].parts[0].second, "Hi Bob");
  EXPECT_EQ(world.Contents("cat")[0].parts[0].second, "你好 猫");
  EXPECT_TRUE(world.Contents("ann").empty());
}

// Who lacks a variable of one variant is in none, so that variants stay alike.
TEST(Renderable, EveryVariantMustRender) {
  const char variants[] =
      "variants: [{id: a, weight: 50%}, {id: b, weight: 50%, template: other}]";
  World world(OneRule(variants), R"yaml(
templates:
  hello: {push: {title: Hi}}
  other: {push: {title: "{{nickname}}"}}
)yaml");
  world.Users(UserNames(20));
  const auto decided = world.Decided(kMarch20);
  EXPECT_EQ(decided.size(), 20u);
  for (const Candidate& c : decided) {
    EXPECT_EQ(c.reason, Reason::kMissingVariable) << c.user;
  }
  for (int i = 0; i < 20; ++i) {
    world.Profile("u" + std::to_string(i), R"({"nickname":"N"})");
  }
  std::set<std::string> texts;
  const auto plans = world.Run(kMarch20);
  for (const Candidate& c : plans.at(0).candidates) {
    ASSERT_EQ(c.decision, Decision::kSend) << c.user;
    const bool a = VariantOf(*plans[0].rule, c) == "a";
    EXPECT_EQ(TemplateOf(*plans[0].rule, c), a ? "hello" : "other");
    const std::string user(world.engine().users().IdOf(c.user));
    const std::string title = world.Contents(user).at(0).parts.at(0).second;
    EXPECT_EQ(title, a ? "Hi" : "N");
    texts.insert(title);
  }
  EXPECT_EQ(texts.size(), 2u);
}

TEST(Renderable, ReadsFactsAndEvents) {
  World world(OneRule("", "list"), R"yaml(
templates:
  hello:
    list:
      user: "{{user_id}}"
      state: "{{state}}"
      since: "{{created_at}} {{last_active_day}} {{inactive_days}}"
      labels: {zh: "{{top_preference}} {{labels}}", en: "{{top_preference}} {{labels}}"}
      last: "{{last.order.item}}"
      all: "{{count.order}}"
      days: "{{count.order.20_days}}"
      months: "{{count.order.2_months}}"
)yaml");
  world.Active("ann", "2026-02-03T09:00:00+08:00");
  world.Did("ann", "trip_completed", "2026-02-03T09:30:00+08:00");
  world.Did("ann", "order_paid", "2026-03-01T23:59:59+08:00",
            R"({"item":"tyres"})");
  world.Did("ann", "order_paid", "2026-01-15", R"({"item":"map"})");
  world.Did("ann", "order_paid", "2026-03-02T00:00:00+08:00",
            R"({"item":"lamp"})");
  world.Did("ann", "order_paid", "2026-02-01", R"({"item":"wax"})");
  // After the plan's instant: not seen.
  world.Did("ann", "order_paid", "2026-03-21T12:00:00+08:00",
            R"({"item":"later"})");
  // The last order names no item.
  world.Active("bob", "2026-02-03T09:00:00+08:00");
  world.Did("bob", "trip_completed", "2026-02-03T09:30:00+08:00");
  world.Did("bob", "order_paid", "2026-03-01T12:00:00+08:00",
            R"({"item":"x"})");
  world.Did("bob", "order_paid", "2026-03-02T12:00:00+08:00");

  const char at[] = "2026-03-21T10:00:00+08:00";
  EXPECT_EQ(world.Detail("bob", "renderable", at), "last.order.item");
  auto plans = world.Run(at);
  ASSERT_EQ(world.Lines(plans),
            "wake: ann send list; bob skip missing_variable\n");
  const auto parts = world.Contents("ann").at(0).parts;
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"user", "ann"},
      {"state", "dormant"},
      {"since", "2026-01-15 2026-02-03 46"},
      {"labels", "控车 控车"},
      {"last", "lamp"},
      {"all", "4"},
      {"days", "1"},
      {"months", "3"}};
  EXPECT_EQ(parts, expected);
}

}  // namespace
}  // namespace rekindle

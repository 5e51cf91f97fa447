// Address: which channels can reach a user.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::OneRule;
using testing::World;

TEST(Address, TakesTheFirstChannelThatReachesTheUser) {
  World world(OneRule("", "[mail, push]"));
  world.User("ann");
  world.Active("bob", "2026-01-05T09:00:00+08:00");
  world.User("cat");
  world.Profile("cat", R"({"email":"cat@x.example"})");
  auto plans = world.Plan(kMarch20);
  EXPECT_EQ(world.Lines(plans),
            "wake: ann send push; bob skip no_address; cat send mail\n");
  EXPECT_EQ(world.Detail("bob", "address", kMarch20),
            "mail needs email; push needs push_token");
  EXPECT_EQ(plans[0].candidates[2].channels.Names(*plans[0].rule),
            (std::vector<std::string>{"mail", "push"}));
  world.Run(kMarch20);
  EXPECT_EQ(world.Contents("cat").size(), 2u);
}

TEST(Address, AFileReachesEverybody) {
  World world(OneRule("", "list"));
  world.Active("ann", "2026-01-05T09:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)), "wake: ann send list\n");
}

}  // namespace
}  // namespace rekindle

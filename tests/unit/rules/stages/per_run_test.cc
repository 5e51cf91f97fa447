// Per run: a fair draw that does not depend on the order of users.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::UserNames;
using testing::World;

std::set<std::string> Sent(World& world, const std::vector<SlotPlan>& plans) {
  std::set<std::string> sent;
  for (const SlotPlan& plan : plans) {
    for (const Candidate& c : plan.candidates) {
      if (c.decision == Decision::kSkip) {
        EXPECT_EQ(c.reason, Reason::kPerRun);
      } else {
        sent.emplace(world.engine().users().IdOf(c.user));
      }
    }
  }
  return sent;
}

TEST(PerRun, ChoosesTheSameUsersInWhateverOrderTheyCame) {
  std::vector<std::string> users = UserNames(40);
  std::set<std::string> first;
  std::mt19937 random(7);
  for (int round = 0; round < 3; ++round) {
    World world(OneRule("limits: {per_run: 10}"));
    world.Users(users);
    std::set<std::string> sent = Sent(world, world.Plan(kMarch20));
    EXPECT_EQ(sent.size(), 10u);
    if (round == 0) first = sent;
    EXPECT_EQ(sent, first);
    std::shuffle(users.begin(), users.end(), random);
  }
  // Lowest hashes, not lowest numbers; and other ones in another slot.
  EXPECT_NE(first, std::set<std::string>({"u0", "u1", "u2", "u3", "u4", "u5",
                                          "u6", "u7", "u8", "u9"}));
  World world(OneRule("limits: {per_run: 10}"));
  world.Users(users);
  EXPECT_NE(Sent(world, world.Plan(kMarch21)), first);
}

TEST(PerRun, CountsOverASlotThatIsOpenedAgain) {
  World world(OneRule("limits: {per_run: 3}\nhold_out: 50%"));
  world.Users(UserNames(10));
  EXPECT_EQ(Sent(world, world.Run(kMarch20)).size(), 3u);
  EXPECT_EQ(world.Touches().size(), 3u);
  world.Rules(OneRule("limits: {per_run: 5}\nhold_out: 50%"));
  auto again = world.Run(kMarch20, {.rule_id = "wake"});
  EXPECT_EQ(Sent(world, again).size(), 2u);
  EXPECT_EQ(again[0].candidates.size(), 7u);
  EXPECT_EQ(world.Touches().size(), 5u);
  EXPECT_EQ(Sent(world, world.Run(kMarch20, {.rule_id = "wake"})).size(), 0u);
}

}  // namespace
}  // namespace rekindle

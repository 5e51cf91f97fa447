// Ramp: a share that grows from slot to slot, and the same people in it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::UserNames;
using testing::World;

constexpr char kMarch22[] = "2026-03-22T10:00:00+08:00";

std::string Ramped(const std::string& more = "") {
  return OneRule("limits: {every: 1 minute, ramp: [10%, 40%, 100%]}" + more);
}

std::set<UserNumber> In(const SlotPlan& plan) {
  std::set<UserNumber> users;
  for (const Candidate& c : plan.candidates) {
    if (IsTouch(c)) {
      users.insert(c.user);
    } else {
      EXPECT_EQ(c.reason, Reason::kRamp);
    }
  }
  return users;
}

TEST(Ramp, GrowsOverSlotsAndTheSamePeopleStayIn) {
  World world(Ramped());
  world.Users(UserNames(400));
  const auto first = In(world.Run(kMarch20)[0]);
  const auto second = In(world.Run(kMarch21)[0]);
  const auto third = In(world.Run(kMarch22)[0]);
  EXPECT_NEAR(first.size(), 40, 27);  // 4.5 standard deviations
  EXPECT_NEAR(second.size(), 160, 44);
  EXPECT_EQ(third.size(), 400u);
  EXPECT_TRUE(
      std::includes(second.begin(), second.end(), first.begin(), first.end()));
}

TEST(Ramp, ASlotOpenedAgainHasTheShareItHad) {
  World world(Ramped());
  world.Users(UserNames(100));
  const auto first = In(world.Run(kMarch20)[0]);
  EXPECT_TRUE(In(world.Run(kMarch20, {.rule_id = "wake"})[0]).empty());
  EXPECT_EQ(world.Touches().size(), first.size());
}

TEST(Ramp, AnotherVersionBeginsAnew) {
  World world(Ramped());
  world.Users(UserNames(200));
  const auto first = In(world.Run(kMarch20)[0]);
  world.Rules(Ramped("\nname: Another"));
  EXPECT_EQ(In(world.Run(kMarch21)[0]), first);
}

// A slot that reached nobody, because a person or the guard stopped it, is no
// step of the ramp.
TEST(Ramp, OnlyDoneSlotsCount) {
  World world(Ramped("\nmax_late: 1 hour"));
  world.Users(UserNames(200));
  world.Run("2026-03-20T12:00:00+08:00");  // missed
  const auto first = In(world.Run(kMarch21)[0]);
  EXPECT_NEAR(first.size(), 20, 20);
}

TEST(Ramp, ExplainShowsTheDraw) {
  World world(Ramped());
  world.User("ann");
  const std::string detail = world.Detail("ann", "ramp", kMarch20);
  EXPECT_EQ(detail.substr(0, 43),
            "slot 1 of this version reaches 10%; draw 0.");
}

}  // namespace
}  // namespace rekindle

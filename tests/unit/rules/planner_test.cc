// Slots. That a plan is what a run then does: planner_random_test.cc.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::WakeRule;
using testing::World;

TEST(Slots, AreWorkedOnceAndMissedWhenTooLate) {
  World world("rules:\n" + WakeRule("wake", "") +
              WakeRule("off", "enabled: false"));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T16:00:00+08:00")),
            "wake: ann send push\noff: not due\n");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T16:00:01+08:00")),
            "wake: missed\noff: not due\n");
  const SlotBook& slots = world.engine().ledger().slots();
  EXPECT_FALSE(slots.Find("wake", world.At(kMarch20)));
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T17:00:00+08:00")),
            "wake: missed\noff: not due\n");
  auto slot = slots.Find("wake", world.At(kMarch20));
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->state, SlotState::kMissed);
  // Recorded as missed, it stays so, unless it is asked for.
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T15:00:00+08:00")),
            "wake: missed\noff: not due\n");
  EXPECT_EQ(
      world.Lines(world.Run("2026-03-20T18:00:00+08:00", {.rule_id = "wake"})),
      "wake: ann send push\n");
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T19:00:00+08:00")),
            "wake: done\noff: not due\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch20, {.rule_id = "off"})),
            "off: not due\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch20, {.rule_id = "gone"})), "");
}

TEST(Slots, MaxLateIsTheRules) {
  World world(OneRule("max_late: 2 days"));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-21T09:59:00+08:00")),
            "wake: ann send push\n");
}

TEST(Slots, DueBeforeTheRuleWasLoadedAreLeftOut) {
  World world(OneRule(""));
  world.User("ann");
  Planner::Ask ask;
  ask.not_before = [&](const std::string&) {
    return world.At("2026-03-20T10:00:01+08:00");
  };
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T11:00:00+08:00", ask)),
            "wake: not due\n");
  EXPECT_FALSE(
      world.engine().ledger().slots().Find("wake", world.At(kMarch20)));
  EXPECT_EQ(world.Lines(world.Run(kMarch21, ask)), "wake: ann send push\n");
}

TEST(Slots, ADoneOneIsOpenedAgainAndItsTouchesStay) {
  World world(OneRule(""));
  world.User("ann");
  world.Active("bob", "2026-01-05T09:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "wake: ann send push; bob skip no_address\n");
  const SlotBook& slots = world.engine().ledger().slots();
  auto slot = slots.Find("wake", world.At(kMarch20));
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->matched, 2);
  EXPECT_EQ(slot->treated, 1);
  EXPECT_EQ(slot->skipped, (std::map<std::string, int64_t>{{"no_address", 1}}));
  const std::string touch_id = world.Touches().at(0).touch_id;

  world.Profile("bob", R"({"push_token":"t-bob"})");
  world.User("cat");
  const Planner::Ask again{.rule_id = "wake"};
  const char at[] = "2026-03-20T12:00:00+08:00";
  EXPECT_EQ(world.Lines(world.Plan(at, again)),
            "wake: bob send push; cat send push\n");
  EXPECT_EQ(world.Lines(world.Run(at, again)),
            "wake: bob send push; cat send push\n");
  slot = slots.Find("wake", world.At(kMarch20));
  EXPECT_EQ(slot->matched, 3);
  EXPECT_EQ(slot->treated, 3);
  EXPECT_TRUE(slot->skipped.empty());
  auto touches = world.Touches();
  ASSERT_EQ(touches.size(), 3u);
  EXPECT_EQ(
      std::count_if(touches.begin(), touches.end(),
                    [&](const TouchRow& t) { return t.touch_id == touch_id; }),
      1);
}

TEST(Slots, ComeByDueMinuteThenPriorityThenFile) {
  std::string early = WakeRule("early", "");
  early.replace(early.find("10:00"), 5, "09:00");
  World world("rules:\n" + WakeRule("b", "") + WakeRule("a", "") +
              WakeRule("top", "priority: 1") + early);
  std::string order;
  for (const SlotPlan& plan : world.Plan(kMarch20)) order += plan.rule_id + " ";
  EXPECT_EQ(order, "early top b a ");
}

}  // namespace
}  // namespace rekindle

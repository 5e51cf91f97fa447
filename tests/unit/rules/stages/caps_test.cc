// Caps: one marketing touch a day, and who takes it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::WakeRule;
using testing::World;

TEST(Caps, OneMarketingTouchADayByPriority) {
  World world("rules:\n" + WakeRule("low", "") +
              WakeRule("high", "priority: 2.5") + WakeRule("same", "") +
              WakeRule("bill", "class: transactional"));
  world.User("ann");
  const std::string expected =
      "high: ann send push\n"
      "low: ann skip outranked\n"
      "same: ann skip outranked\n"
      "bill: ann send push\n";
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)), expected);
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), expected);
  // The next day the high one has had its episode.
  EXPECT_EQ(world.Lines(world.Run(kMarch21)),
            "high: ann skip repeat\n"
            "low: ann send push\n"
            "same: ann skip capped\n"
            "bill: ann skip repeat\n");
}

TEST(Caps, WhatAnEarlierRunTookIsCapped) {
  World world("rules:\n" + WakeRule("first", "priority: 5") +
              WakeRule("second", ""));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20, {.rule_id = "first"})),
            "first: ann send push\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "first: done\nsecond: ann skip capped\n");
}

TEST(Caps, CountTheDayATouchIsDueInTheUsersZone) {
  // Decided at 22:00; due at 09:00 on the 21st.
  World world("rules:\n" + WakeRule("late", "window: 09:00-21:00") +
              WakeRule("next", ""));
  world.User("ann");
  world.User("bob");
  world.Profile("bob", R"({"time_zone":"America/New_York"})");
  world.Rules(
      "rules:\n  - id: late\n    when: {inactive: 14 days}\n    send: "
      "{channel: push, template: hello}\n    schedule: daily 22:00\n  "
      "  window: 09:00-21:00\n" +
      WakeRule("next", "priority: 3"));
  // 22:00 in Shanghai is 10:00 in New York: bob's is sent on the 20th.
  EXPECT_EQ(
      world.Lines(world.Run("2026-03-20T22:00:00+08:00", {.rule_id = "late"})),
      "late: ann defer outside_window push; bob send push\n");
  // 10:00 on the 21st is 22:00 of the 20th in New York.
  EXPECT_EQ(world.Lines(world.Run(kMarch21, {.rule_id = "next"})),
            "next: ann skip capped; bob skip capped\n");
  EXPECT_EQ(
      world.Lines(world.Plan("2026-03-21T13:00:00+08:00", {.rule_id = "next"})),
      "next: ann skip capped; bob send push\n");
}

TEST(Caps, ADeferredTouchNeedsTheDayItIsDueOn) {
  std::string late = WakeRule("late", "window: 09:00-21:00");
  late.replace(late.find("10:00"), 5, "22:00");
  World world("rules:\n" + WakeRule("early", "") + late);
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20, {.rule_id = "early"})),
            "early: ann send push\n");
  // The 20th is taken, but the touch would leave on the 21st.
  EXPECT_EQ(
      world.Lines(world.Plan("2026-03-20T22:00:00+08:00", {.rule_id = "late"})),
      "late: ann defer outside_window push\n");
}

TEST(Caps, AFailedTouchGivesItsCapBackButStillCountsForRepeat) {
  World world("rules:\n" + WakeRule("first", "") + WakeRule("second", ""));
  world.User("ann");
  world.Run(kMarch20, {.rule_id = "first"});
  world.engine().store().Write([](SQLite::Database& db) {
    db.exec("UPDATE touches SET state = 'failed'");
  });
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T11:00:00+08:00")),
            "first: done\nsecond: ann send push\n");
  EXPECT_EQ(world.Lines(world.Plan(kMarch21, {.rule_id = "first"})),
            "first: ann skip repeat\n");
}

}  // namespace
}  // namespace rekindle

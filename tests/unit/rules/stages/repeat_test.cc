// Repeat: episodes, late events, and limits in days and hours.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kApril20;
using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::World;

TEST(Repeat, OneTouchAnEpisode) {
  World world(OneRule(""));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), "wake: ann send push\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch21)), "wake: ann skip repeat\n");
  EXPECT_EQ(world.Lines(world.Run(kApril20)), "wake: ann skip repeat\n");
  // Back, and gone again: a new episode.
  world.Active("ann", "2026-04-21T09:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Run("2026-05-20T10:00:00+08:00")),
            "wake: ann send push\n");
}

TEST(Repeat, ALateEventDatedBeforeTheTouchOpensNoNewEpisode) {
  World world(OneRule(""));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), "wake: ann send push\n");
  world.Active("ann", "2026-02-20T09:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Plan(kMarch21)), "wake: ann skip repeat\n");
  // On the touch's own day, but before it.
  world.Active("ann", "2026-03-20T09:59:59+08:00");
  EXPECT_EQ(world.Lines(world.Plan(kApril20)), "wake: ann skip repeat\n");
  world.Active("ann", "2026-03-20T10:00:01+08:00");
  EXPECT_EQ(world.Lines(world.Plan(kApril20)), "wake: ann send push\n");
}

TEST(Repeat, CountsUpToPerEpisode) {
  World world(OneRule("limits: {per_episode: 2}"));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), "wake: ann send push\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch21)), "wake: ann send push\n");
  EXPECT_EQ(world.Lines(world.Run(kApril20)), "wake: ann skip repeat\n");
}

TEST(Repeat, EveryCountsLocalDays) {
  World world(OneRule("limits: {every: 3 days}"));
  world.User("ann");
  world.Run("2026-03-20T10:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-21T10:00:00+08:00")),
            "wake: ann skip repeat\n");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-22T15:59:00+08:00")),
            "wake: ann skip repeat\n");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-23T10:00:00+08:00")),
            "wake: ann send push\n");
}

TEST(Repeat, EveryRollsInHours) {
  World world(
      "rules:\n  - id: wake\n    when: {inactive: 14 days}\n    send: "
      "{channel: push, template: hello}\n    schedule: every 1 hours\n    "
      "class: transactional\n    limits: {every: 3 hours}\n");
  world.User("ann");
  world.Run("2026-03-20T10:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T12:59:00+08:00")),
            "wake: ann skip repeat\n");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T13:00:00+08:00")),
            "wake: ann send push\n");
}

TEST(Repeat, HeldOutUsersUseUpTheirLimitToo) {
  World world(OneRule("hold_out: 99.999999%"));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), "wake: ann hold_out held_out\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch21)), "wake: ann skip repeat\n");
}

}  // namespace
}  // namespace rekindle

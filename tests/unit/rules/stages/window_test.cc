// Window: who waits, until when, and who is given up.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::OneRule;
using testing::UserNames;
using testing::WakeRule;
using testing::World;

TEST(Window, WaitsForTheUsersOwnMorningOrGivesUp) {
  World world(OneRule("window: 09:00-21:00\nwait: 3 hours\nhold_out: 0%"));
  world.User("shanghai");
  world.User("berlin");  // 03:00
  world.Profile("berlin", R"({"time_zone":"Europe/Berlin"})");
  world.User("moscow");  // 05:00
  world.Profile("moscow", R"({"time_zone":"Europe/Moscow"})");
  world.User("tashkent");  // 07:00
  world.Profile("tashkent", R"({"time_zone":"Asia/Tashkent"})");
  auto plans = world.Run(kMarch20);
  EXPECT_EQ(world.Lines(plans),
            "wake: shanghai send push; berlin skip outside_window; moscow skip "
            "outside_window; tashkent defer outside_window push\n");
  EXPECT_EQ(plans[0].candidates[1].detail,
            "window 09:00-21:00 in Europe/Berlin, now 2026-03-20 03:00, "
            "further than 3 hours off");
  EXPECT_EQ(plans[0].candidates[3].due_at,
            world.At("2026-03-20T12:00:00+08:00"));
  const int64_t expires = world.engine().store().Read([](SQLite::Database& db) {
    return db.execAndGet("SELECT max(expires_at) FROM touches").getInt64();
  });
  EXPECT_EQ(expires, ToMillis(world.At("2026-03-20T13:00:00+08:00")));
}

// Else the treated would be the reachable only, the held out everybody.
TEST(Window, SkipsTheHeldOutAsTheTreated) {
  World world(OneRule("window: 12:00-21:00\nwait: 1 hour\nhold_out: 50%"));
  world.Users(UserNames(20));
  for (const Candidate& c : world.Decided(kMarch20)) {
    EXPECT_EQ(c.reason, Reason::kOutsideWindow) << world.Line(c);
    EXPECT_EQ(c.decision, Decision::kSkip) << world.Line(c);
  }
}

TEST(Window, WhoCannotBeReachedTakesNoCap) {
  World world(
      "rules:\n" +
      WakeRule("far", "priority: 9\nwindow: 12:00-21:00\nwait: 1 hour") +
      WakeRule("near", ""));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "far: ann skip outside_window\nnear: ann send push\n");
}

}  // namespace
}  // namespace rekindle

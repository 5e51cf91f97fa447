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
  EXPECT_EQ(world.Detail("berlin", "window", kMarch20),
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
  const auto decided = world.Decided(kMarch20);
  EXPECT_EQ(decided.size(), 20u);
  for (const Candidate& c : decided) {
    EXPECT_EQ(c.reason, Reason::kOutsideWindow) << c.user;
    EXPECT_EQ(c.decision, Decision::kSkip) << c.user;
  }
}

constexpr char kHolidays[] =
    "calendar: {holidays: [2026-03-20, 2026-03-22..2026-03-28]}\n";

// No marketing touch leaves on a holiday of the user's zone.
TEST(Window, HolidaysAreWaitedOutWithinTheWait) {
  struct Row {
    const char* keys;
    const char* at;
    const char* decided;  // of ann
    const char* due;
  };
  const Row rows[] = {
      // Without a window: the same time of the first day that is no holiday.
      {"", "2026-03-20T10:00:00+08:00", "ann defer holiday push",
       "2026-03-21T10:00:00+08:00"},
      {"wait: 23 hours", "2026-03-20T10:00:00+08:00", "ann skip holiday", ""},
      {"", "2026-03-21T10:00:00+08:00", "ann send push",
       "2026-03-21T10:00:00+08:00"},
      {"wait: 6 days", "2026-03-22T10:00:00+08:00", "ann skip holiday", ""},
      {"wait: 7 days", "2026-03-22T10:00:00+08:00", "ann defer holiday push",
       "2026-03-29T10:00:00+08:00"},
      // With one: its next opening.
      {"window: 09:00-21:00", "2026-03-20T10:00:00+08:00",
       "ann defer holiday push", "2026-03-21T09:00:00+08:00"},
      {"window: 12:00-21:00", "2026-03-21T10:00:00+08:00",
       "ann defer outside_window push", "2026-03-21T12:00:00+08:00"},
      // Over midnight it opens when the holiday ends.
      {"window: 20:00-11:00", "2026-03-20T10:00:00+08:00",
       "ann defer holiday push", "2026-03-21T00:00:00+08:00"},
      {"class: transactional", "2026-03-20T10:00:00+08:00", "ann send push",
       "2026-03-20T10:00:00+08:00"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.keys) + " at " + row.at);
    World world(OneRule(row.keys), testing::kPlainTemplates, kHolidays);
    world.User("ann");
    const auto plans = world.Plan(row.at);
    EXPECT_EQ(world.Lines(plans), "wake: " + std::string(row.decided) + "\n");
    if (*row.due == '\0') continue;
    EXPECT_EQ(plans[0].candidates[0].due_at, world.At(row.due));
  }
}

TEST(Window, AHolidayIsTheUsersOwnDay) {
  World world(OneRule(""), testing::kPlainTemplates, kHolidays);
  world.User("ann");
  world.User("bob");  // 22:00 of the 19th
  world.Profile("bob", R"({"time_zone":"America/New_York"})");
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "wake: ann defer holiday push; bob send push\n");
  EXPECT_EQ(world.Detail("ann", "window", kMarch20),
            "no window, 2026-03-20 is a holiday, waits until 2026-03-21 "
            "10:00");
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

// Hold-out: the same people for every rule; both arms alike.
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
using testing::WakeRule;
using testing::World;

TEST(HoldOut, GlobalTakesTheSamePeopleFromEveryRule) {
  World world("hold_out: {share: 30%, salt: s}\nrules:\n" +
              WakeRule("one", "") + WakeRule("two", "") +
              WakeRule("bill", "class: transactional"));
  world.Users(UserNames(60));
  std::map<std::string, std::set<UserNumber>> held;
  for (const char* rule : {"one", "two", "bill"}) {
    for (const Candidate& c : world.Decided(kMarch20, {.rule_id = rule})) {
      if (c.decision == Decision::kHoldOut) held[rule].insert(c.user);
    }
  }
  EXPECT_GT(held["one"].size(), 5u);
  EXPECT_LT(held["one"].size(), 35u);
  EXPECT_EQ(held["one"], held["two"]);
  EXPECT_TRUE(held["bill"].empty());
}

TEST(HoldOut, TheHeldOutAreWrittenWithoutTextsAndWithTheSameGoalWindow) {
  World world(
      OneRule("hold_out: 50%\nwindow: 12:00-21:00\n"
              "goal: {behavior: app_open, within: 7 days}"));
  world.Users(UserNames(30));
  auto plans = world.Run(kMarch20);
  int held = 0;
  for (const Candidate& c : plans[0].candidates) {
    EXPECT_EQ(c.due_at, world.At("2026-03-20T12:00:00+08:00"));
    if (c.decision == Decision::kHoldOut) {
      ++held;
      EXPECT_EQ(c.variant, Candidate::kNoVariant);
    } else {
      EXPECT_EQ(c.decision, Decision::kDefer);
    }
  }
  EXPECT_GT(held, 5);
  EXPECT_EQ(plans[0].Count(Decision::kHoldOut), held);
  auto slot = world.engine().ledger().slots().Find("wake", world.At(kMarch20));
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->held_out, held);
  EXPECT_EQ(slot->treated, 30 - held);
  const int64_t texts = world.engine().store().Read([](SQLite::Database& db) {
    return db.execAndGet("SELECT count(*) FROM touch_contents").getInt64();
  });
  EXPECT_EQ(texts, 30 - held);
  const auto [least, most] =
      world.engine().store().Read([](SQLite::Database& db) {
        return std::pair<int64_t, int64_t>(
            db.execAndGet("SELECT min(goal_until) FROM touches").getInt64(),
            db.execAndGet("SELECT max(goal_until) FROM touches").getInt64());
      });
  EXPECT_EQ(least, ToMillis(world.At("2026-03-27T10:00:00+08:00")));
  EXPECT_EQ(least, most);
}

}  // namespace
}  // namespace rekindle

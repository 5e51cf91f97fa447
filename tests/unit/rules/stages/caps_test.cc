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

std::string EveryHour(const std::string& id, const std::string& keys = "",
                      const std::string& channel = "push") {
  return WakeRule(id, "limits: {every: 1 minute}\n" + keys, channel);
}

struct SpanCase {
  const char* caps;
  // The rule runs daily at 10:00 in Shanghai from the 20th on; which of these
  // days it sends on.
  std::vector<int> days;
  std::vector<int> sent;
};

TEST(Caps, CountCalendarUnitsAndStretchesOfTime) {
  const SpanCase cases[] = {
      {"{max: 1, per: day}", {20, 21, 22}, {20, 21, 22}},
      // The 23rd is a Monday.
      {"{max: 2, per: week}", {20, 21, 22, 23, 24, 25}, {20, 21, 23, 24}},
      {"{max: 1, per: month}", {20, 25, 31}, {20}},
      {"{max: 1, within: 24 hours}", {20, 21, 22}, {20, 21, 22}},
      {"{max: 1, within: 25 hours}", {20, 21, 22}, {20, 22}},
      {"{max: 3, within: 7 days}",
       {20, 21, 22, 23, 26, 27, 28, 29, 30},
       {20, 21, 22, 27, 28, 29}},
      // The tightest of several counts; of none, none does.
      {"{max: 1, per: day}, {max: 2, within: 7 days}", {20, 21, 22}, {20, 21}},
      {"", {20, 21}, {20, 21}},
  };
  for (const SpanCase& c : cases) {
    SCOPED_TRACE(c.caps);
    World world(std::string("caps: [") + c.caps + "]\nrules:\n" +
                EveryHour("wake"));
    world.User("ann");
    std::vector<int> sent;
    for (int day : c.days) {
      const auto run = world.Run(fmt::format("2026-03-{}T10:00:00+08:00", day));
      if (run[0].Count(Decision::kSend) > 0) sent.push_back(day);
    }
    EXPECT_EQ(sent, c.sent);
  }
}

TEST(Caps, AUnitIsTheUsersOwn) {
  World world("caps: [{max: 1, per: month}]\nrules:\n" + EveryHour("wake"));
  world.User("ann");
  world.User("bob");
  world.Profile("bob", R"({"time_zone":"America/New_York"})");
  world.Run(kMarch20);
  // 10:00 of April 1st in Shanghai is 22:00 of March 31st in New York.
  EXPECT_EQ(world.Lines(world.Run("2026-04-01T10:00:00+08:00")),
            "wake: ann send push; bob skip capped\n");
}

TEST(Caps, ATouchGoesThroughTheFirstChannelThatHasRoom) {
  World world("caps: [{channel: push, max: 1, per: month}]\nrules:\n" +
              EveryHour("wake", "", "[push, mail]"));
  world.User("ann");
  world.Profile("ann", R"({"email":"ann@x.example"})");
  world.User("bob");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "wake: ann send push; bob send push\n");
  EXPECT_EQ(world.Lines(world.Run(kMarch21)),
            "wake: ann send mail; bob skip capped\n");
  EXPECT_EQ(world.Contents("ann").size(), 1u) << "no text for a full channel";
  EXPECT_EQ(world.Detail("bob", "caps", "2026-03-22T10:00:00+08:00"),
            "2026-03 (Asia/Shanghai) has 1 push touch of 1");
}

// Until it is final a touch takes room in the channels it may fall back to:
// so a fallback never exceeds a cap.
TEST(Caps, AFallbackChannelIsReservedUntilTheTouchIsFinal) {
  World world("caps: [{channel: mail, max: 1, per: month}]\nrules:\n" +
              EveryHour("both", "", "[push, mail]") +
              EveryHour("mail", "", "mail"));
  world.User("ann");
  world.Profile("ann", R"({"email":"ann@x.example"})");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "both: ann send push\nmail: ann skip capped\n");
  EXPECT_EQ(world.Lines(world.Plan(kMarch20, {.rule_id = "mail"})),
            "mail: ann skip capped\n");
  world.engine().store().Write([](SQLite::Database& db) {
    db.exec("UPDATE touches SET state = 'accepted'");
  });
  EXPECT_EQ(world.Lines(world.Plan(kMarch20, {.rule_id = "mail"})),
            "mail: ann send mail\n");
}

// Whether the rules are worked in one tick or in two, which a crash can make
// of it.
TEST(Caps, TheHeldOutFallBackNowhere) {
  for (const bool at_once : {true, false}) {
    SCOPED_TRACE(at_once);
    World world("caps: [{channel: mail, max: 1, per: month}]\nrules:\n" +
                EveryHour("both", "hold_out: 50%", "[push, mail]") +
                EveryHour("mail", "priority: -1", "mail"));
    for (const std::string& user : testing::UserNames(20)) {
      world.User(user);
      world.Profile(user, R"({"email":"a@x.example"})");
    }
    std::vector<SlotPlan> plans;
    if (at_once) {
      plans = world.Run(kMarch20);
    } else {
      plans = world.Run(kMarch20, {.rule_id = "both"});
      plans.push_back(world.Run(kMarch20, {.rule_id = "mail"})[0]);
    }
    const int64_t held_out = plans[0].Count(Decision::kHoldOut);
    EXPECT_GT(held_out, 0);
    EXPECT_EQ(plans[1].Count(Decision::kSend), held_out);
  }
}

TEST(Caps, TheHeldOutUseThemUpAsTheTreatedDo) {
  World world("caps: [{channel: push, max: 1, per: week}]\nrules:\n" +
              WakeRule("first", "hold_out: 50%") +
              WakeRule("second", "priority: -1"));
  world.Users(testing::UserNames(20));
  const auto plans = world.Run(kMarch20);
  EXPECT_GT(plans[0].Count(Decision::kHoldOut), 0);
  EXPECT_EQ(plans[1].SkippedByReason(),
            (std::map<std::string, int64_t>{{"outranked", 20}}));
  EXPECT_EQ(world.Run(kMarch20, {.rule_id = "second"})[0].SkippedByReason(),
            (std::map<std::string, int64_t>{{"capped", 20}}));
}

// A deferred touch counts when it is due: the ones before it must leave room
// for it.
TEST(Caps, LookAheadToWhatIsDeferred) {
  std::string late = EveryHour("late", "window: 09:00-21:00");
  late.replace(late.find("10:00"), 5, "22:00");
  World world("caps: [{max: 1, within: 24 hours}]\nrules:\n" + late +
              EveryHour("next"));
  world.User("ann");
  EXPECT_EQ(
      world.Lines(world.Run("2026-03-20T22:00:00+08:00", {.rule_id = "late"})),
      "late: ann defer outside_window push\n");  // to 09:00
  EXPECT_EQ(
      world.Lines(world.Plan("2026-03-20T23:00:00+08:00", {.rule_id = "next"})),
      "next: ann skip capped\n");
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

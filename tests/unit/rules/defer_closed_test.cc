// Tests rules/defer_closed.cc: what did not leave before its window closed.
#include "rules/defer_closed.h"

#include <gtest/gtest.h>

#include "engine/ledger/closed_touches.h"
#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::OneRule;
using testing::WakeRule;
using testing::World;

// What becomes of ann's touch, planned on the 20th, when its channel is worked
// at another instant only.
std::string Fate(World& world, const std::string& at,
                 const std::string& channel = "push") {
  DeferClosed(world.engine(), world.rules(), {.id = channel}, world.At(at));
  const TouchRow touch = world.Touches().at(0);
  if (touch.state == TouchState::kPlanned && touch.due_at <= world.At(at)) {
    return "leaves";
  }
  if (touch.state == TouchState::kPlanned) {
    return "waits until " + world.calendar().FormatMinute(touch.due_at);
  }
  return std::string(TouchStateName(touch.state)) + " " + touch.reason;
}

struct FateCase {
  const char* keys;
  const char* worked_at;
  const char* fate;
};

TEST(DeferClosed, WhatComesTooLateWaitsAgainOrIsGivenUp) {
  const FateCase cases[] = {
      {"window: 09:00-12:00", "2026-03-20T11:59:59+08:00", "leaves"},
      {"window: 09:00-12:00\nwait: 2 days", "2026-03-20T12:00:00+08:00",
       "waits until 2026-03-22 09:00"},
      {"window: 09:00-12:00\nwait: 10 hours", "2026-03-20T12:00:00+08:00",
       "dropped expired"},
      // On the holiday of the 21st nothing leaves.
      {"wait: 2 days", "2026-03-20T23:59:59+08:00", "leaves"},
      {"wait: 2 days", "2026-03-21T00:00:01+08:00",
       "waits until 2026-03-22 00:00"},
      {"", "2026-03-21T00:00:01+08:00", "dropped expired"},
      {"class: transactional", "2026-03-21T09:00:00+08:00", "leaves"},
  };
  for (const FateCase& c : cases) {
    SCOPED_TRACE(std::string(c.keys) + " at " + c.worked_at);
    World world(OneRule(c.keys), testing::kPlainTemplates,
                "calendar: {holidays: [2026-03-21]}\n");
    world.User("ann");
    world.Run(kMarch20);
    EXPECT_EQ(Fate(world, c.worked_at), c.fate);
  }
}

TEST(DeferClosed, ItsTextsStayWithItAndGoWhenItIsGivenUp) {
  World world(OneRule("window: 09:00-12:00"));
  world.User("ann");
  world.Run(kMarch20);
  EXPECT_TRUE(world.Leave("2026-03-20T13:00:00+08:00").empty())
      << "nothing leaves behind a closed window";
  Fate(world, "2026-03-20T13:00:00+08:00");
  EXPECT_EQ(world.Contents("ann").size(), 1u);
  EXPECT_EQ(world.Leave("2026-03-21T09:00:00+08:00"),
            std::vector<std::string>{"ann"});
}

// On the day it would leave, another touch has taken the cap: so no day has
// more than it may, however late something leaves.
TEST(DeferClosed, TheNewDayMustHaveRoom) {
  World world("rules:\n" + WakeRule("late", "") + WakeRule("next", ""));
  world.User("ann");
  world.Run(kMarch20, {.rule_id = "late"});
  std::string early = WakeRule("next", "");
  early.replace(early.find("daily 10:00"), 11, "daily 00:00");
  world.Rules("rules:\n" + WakeRule("late", "") + early);
  world.Run("2026-03-21T00:00:00+08:00", {.rule_id = "next"});
  DeferClosed(world.engine(), world.rules(), {.id = "push"},
              world.At("2026-03-21T00:05:00+08:00"));
  std::map<std::string, std::string> fates;
  for (const TouchRow& touch : world.Touches()) {
    fates[touch.rule_id] =
        std::string(TouchStateName(touch.state)) + " " + touch.reason;
  }
  EXPECT_EQ(fates["late"], "dropped capped");
  EXPECT_EQ(fates["next"], "planned ");
}

TEST(DeferClosed, ManyArePutOffBySome) {
  for (const int64_t at_once : {1, 2, 5, 6}) {
    SCOPED_TRACE(at_once);
    World world(OneRule("window: 09:00-12:00\nwait: 2 days"));
    for (const char* user : {"ann", "bob", "cid", "dan", "eve"}) {
      world.User(user);
    }
    world.Run(kMarch20);
    const Instant noon = world.At("2026-03-20T12:00:00+08:00");
    EXPECT_EQ(DeferClosed(world.engine(), world.rules(), {.id = "push"}, noon,
                          at_once),
              5);
    for (const TouchRow& touch : world.Touches()) {
      EXPECT_EQ(world.calendar().FormatMinute(touch.due_at),
                "2026-03-21 09:00");
    }
  }
}

// What may have been sent is sent again within the window only, and is never
// dropped.
TEST(DeferClosed, ARepeatWaitsForTheWindowToo) {
  const ClaimChannel push{
      .id = "push", .address_field = "push_token", .deduplicates = true};
  struct Row {
    const char* wait;
    const char* fate;
    size_t sent_next_morning;
  };
  for (const Row& row : {Row{"1 day", "unknown interrupted", 1},
                         Row{"10 hours", "unknown expired", 0}}) {
    SCOPED_TRACE(row.wait);
    World world(OneRule(std::string("window: 09:00-12:00\nwait: ") + row.wait));
    world.User("ann");
    world.Run(kMarch20);
    const auto sent = [&](const std::string& at) {
      const auto facts = world.engine().At(world.At(at));
      return world.engine()
          .ledger()
          .Claim(push, *facts, Consents(facts->settings()), {"wake"}, 10)
          .size();
    };
    ASSERT_EQ(sent("2026-03-20T11:59:59+08:00"), 1u);
    const Instant evening = world.At("2026-03-20T20:00:00+08:00");
    world.engine().ledger().MarkInterrupted(evening);
    EXPECT_EQ(sent("2026-03-20T20:00:00+08:00"), 0u);
    DeferClosed(world.engine(), world.rules(), {.id = "push"}, evening);
    EXPECT_FALSE(AnyClosed(world.engine().store(), {.id = "push"}, evening));
    EXPECT_TRUE(AnyClosed(world.engine().store(), push, evening));
    DeferClosed(world.engine(), world.rules(), push, evening);
    EXPECT_FALSE(AnyClosed(world.engine().store(), push, evening));
    const TouchRow touch = world.Touches().at(0);
    EXPECT_EQ(std::string(TouchStateName(touch.state)) + " " + touch.reason,
              row.fate);
    EXPECT_EQ(world.Contents("ann").size(), 1u);
    EXPECT_EQ(sent("2026-03-21T09:00:00+08:00"), row.sent_next_morning);
  }
}

TEST(DeferClosed, ARuleThatIsGoneIsLeftToTheClaim) {
  World world(OneRule(""));
  world.User("ann");
  world.Run(kMarch20);
  world.Rules("rules:\n" + WakeRule("other", ""));
  EXPECT_EQ(Fate(world, "2026-03-21T00:05:00+08:00"), "leaves");
}

}  // namespace
}  // namespace rekindle

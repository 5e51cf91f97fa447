// What the stages decide, seen through plans and runs of a real engine.
#include "rules/planner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kPlainTemplates;
using testing::OneRule;
using testing::WakeRule;
using testing::World;

constexpr char kMarch20[] = "2026-03-20T10:00:00+08:00";
constexpr char kMarch21[] = "2026-03-21T10:00:00+08:00";
constexpr char kApril20[] = "2026-04-20T10:00:00+08:00";

// --- repeat

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

// --- consent and address

TEST(Consent, AsksTheTopicTheChannelsAndTheSuppressions) {
  World world(OneRule("topic: offers", "[push, mail]"));
  for (const char* user : {"ann", "bob", "cat", "dan", "eve", "fay"}) {
    world.User(user);
    world.Profile(user, "{\"email\":\"" + std::string(user) + "@x.example\"}");
  }
  world.engine().store().Write([&](SQLite::Database& db) {
    Consents::Set(db, world.Number("bob"), "offers", false);
    Consents::Set(db, world.Number("cat"), "push", false);
    Consents::Suppress(db, {.channel = "push", .address = "t-dan"});
    Consents::Suppress(db, {.user_id = "eve"});
    Consents::Set(db, world.Number("fay"), "push", false);
    Consents::Suppress(db, {.channel = "mail", .address = "fay@x.example"});
  });
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "wake: ann send push; bob skip no_consent; cat send mail; dan send "
            "mail; eve skip suppressed; fay skip suppressed\n");
}

TEST(Address, TakesTheFirstChannelThatReachesTheUser) {
  World world(OneRule("", "[mail, push]"));
  world.User("ann");
  world.Active("bob", "2026-01-05T09:00:00+08:00");
  world.User("cat");
  world.Profile("cat", R"({"email":"cat@x.example"})");
  auto plans = world.Plan(kMarch20);
  EXPECT_EQ(world.Lines(plans),
            "wake: ann send push; bob skip no_address; cat send mail\n");
  EXPECT_EQ(plans[0].candidates[1].detail,
            "mail needs email; push needs push_token");
  EXPECT_EQ(plans[0].candidates[2].channels,
            (std::vector<std::string>{"mail", "push"}));
  EXPECT_EQ(plans[0].candidates[2].contents.size(), 2u);
}

TEST(Address, AFileReachesEverybody) {
  World world(OneRule("", "list"));
  world.Active("ann", "2026-01-05T09:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)), "wake: ann send list\n");
}

// --- renderable

TEST(Renderable, AMissingVariableIsASkipWithItsName) {
  World world(OneRule(""), R"yaml(
templates:
  hello:
    push: {title: {zh: "你好 {{nickname}}", en: "Hi {{nickname}}"}}
)yaml");
  world.User("ann");
  world.User("bob");
  world.Profile("bob", R"({"nickname":"Bob","language":"en"})");
  world.User("cat");
  world.Profile("cat", R"({"nickname":"猫"})");
  world.User("dan");
  world.Profile("dan", R"({"nickname":""})");
  auto plans = world.Plan(kMarch20);
  EXPECT_EQ(world.Lines(plans),
            "wake: ann skip missing_variable; bob send push; cat send push; "
            "dan skip missing_variable\n");
  const auto& candidates = plans[0].candidates;
  EXPECT_EQ(candidates[0].detail, "nickname");
  EXPECT_EQ(candidates[1].contents[0].parts[0].second, "Hi Bob");
  EXPECT_EQ(candidates[2].contents[0].parts[0].second, "你好 猫");
  EXPECT_TRUE(candidates[0].contents.empty());
}

// Who lacks a variable of one variant is in none, so that variants stay alike.
TEST(Renderable, EveryVariantMustRender) {
  const char variants[] =
      "variants: [{id: a, weight: 50%}, {id: b, weight: 50%, template: other}]";
  World world(OneRule(variants), R"yaml(
templates:
  hello: {push: {title: Hi}}
  other: {push: {title: "{{nickname}}"}}
)yaml");
  for (int i = 0; i < 20; ++i) world.User("u" + std::to_string(i));
  for (const Candidate& c : world.Decided(kMarch20)) {
    EXPECT_EQ(c.reason, Reason::kMissingVariable) << world.Line(c);
  }
  for (int i = 0; i < 20; ++i) {
    world.Profile("u" + std::to_string(i), R"({"nickname":"N"})");
  }
  std::set<std::string> texts;
  for (const Candidate& c : world.Decided(kMarch20)) {
    ASSERT_EQ(c.decision, Decision::kSend) << world.Line(c);
    EXPECT_EQ(c.template_id, c.variant == "a" ? "hello" : "other");
    const std::string& title = c.contents.at(0).parts.at(0).second;
    EXPECT_EQ(title, c.variant == "a" ? "Hi" : "N");
    texts.insert(title);
  }
  EXPECT_EQ(texts.size(), 2u);
}

TEST(Renderable, ReadsFactsAndEvents) {
  World world(OneRule("", "list"), R"yaml(
templates:
  hello:
    list:
      user: "{{user_id}}"
      state: "{{state}}"
      since: "{{created_at}} {{last_active_day}} {{inactive_days}}"
      labels: {zh: "{{top_preference}} {{labels}}", en: "{{top_preference}} {{labels}}"}
      last: "{{last.order.item}}"
      all: "{{count.order}}"
      days: "{{count.order.20_days}}"
      months: "{{count.order.2_months}}"
)yaml");
  world.Active("ann", "2026-02-03T09:00:00+08:00");
  world.Did("ann", "trip_completed", "2026-02-03T09:30:00+08:00");
  world.Did("ann", "order_paid", "2026-03-01T23:59:59+08:00",
            R"({"item":"tyres"})");
  world.Did("ann", "order_paid", "2026-01-15", R"({"item":"map"})");
  world.Did("ann", "order_paid", "2026-03-02T00:00:00+08:00",
            R"({"item":"lamp"})");
  world.Did("ann", "order_paid", "2026-02-01", R"({"item":"wax"})");
  // After the plan's instant: not seen.
  world.Did("ann", "order_paid", "2026-03-21T12:00:00+08:00",
            R"({"item":"later"})");
  // The last order names no item.
  world.Active("bob", "2026-02-03T09:00:00+08:00");
  world.Did("bob", "trip_completed", "2026-02-03T09:30:00+08:00");
  world.Did("bob", "order_paid", "2026-03-01T12:00:00+08:00",
            R"({"item":"x"})");
  world.Did("bob", "order_paid", "2026-03-02T12:00:00+08:00");

  auto plans = world.Plan("2026-03-21T10:00:00+08:00");
  ASSERT_EQ(world.Lines(plans),
            "wake: ann send list; bob skip missing_variable\n");
  EXPECT_EQ(plans[0].candidates[1].detail, "last.order.item");
  const auto& parts = plans[0].candidates[0].contents.at(0).parts;
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"user", "ann"},
      {"state", "dormant"},
      {"since", "2026-01-15 2026-02-03 46"},
      {"labels", "控车 控车"},
      {"last", "lamp"},
      {"all", "4"},
      {"days", "1"},
      {"months", "3"}};
  EXPECT_EQ(parts, expected);
}

// --- per_run

std::set<std::string> Sent(World& world, const std::vector<SlotPlan>& plans) {
  std::set<std::string> sent;
  for (const SlotPlan& plan : plans) {
    for (const Candidate& c : plan.candidates) {
      if (c.decision == Decision::kSkip) {
        EXPECT_EQ(c.reason, Reason::kPerRun);
      } else {
        sent.insert(world.engine().users().IdOf(c.user));
      }
    }
  }
  return sent;
}

TEST(PerRun, ChoosesTheSameUsersInWhateverOrderTheyCame) {
  std::vector<std::string> users;
  for (int i = 0; i < 40; ++i) users.push_back("u" + std::to_string(i));
  std::set<std::string> first;
  std::mt19937 random(7);
  for (int round = 0; round < 3; ++round) {
    World world(OneRule("limits: {per_run: 10}"));
    for (const std::string& user : users) world.User(user);
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
  for (const std::string& user : users) world.User(user);
  EXPECT_NE(Sent(world, world.Plan(kMarch21)), first);
}

TEST(PerRun, CountsOverASlotThatIsOpenedAgain) {
  World world(OneRule("limits: {per_run: 3}\nhold_out: 50%"));
  for (int i = 0; i < 10; ++i) world.User("u" + std::to_string(i));
  EXPECT_EQ(Sent(world, world.Run(kMarch20)).size(), 3u);
  EXPECT_EQ(world.Touches().size(), 3u);
  world.Rules(OneRule("limits: {per_run: 5}\nhold_out: 50%"));
  auto again = world.Run(kMarch20, {.rule_id = "wake"});
  EXPECT_EQ(Sent(world, again).size(), 2u);
  EXPECT_EQ(again[0].candidates.size(), 7u);
  EXPECT_EQ(world.Touches().size(), 5u);
  EXPECT_EQ(Sent(world, world.Run(kMarch20, {.rule_id = "wake"})).size(), 0u);
}

// --- caps

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

// --- hold-out

TEST(HoldOut, GlobalTakesTheSamePeopleFromEveryRule) {
  World world("hold_out: {share: 30%, salt: s}\nrules:\n" +
              WakeRule("one", "") + WakeRule("two", "") +
              WakeRule("bill", "class: transactional"));
  for (int i = 0; i < 60; ++i) world.User("u" + std::to_string(i));
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
  for (int i = 0; i < 30; ++i) world.User("u" + std::to_string(i));
  auto plans = world.Run(kMarch20);
  int held = 0;
  for (const Candidate& c : plans[0].candidates) {
    EXPECT_EQ(c.due_at, world.At("2026-03-20T12:00:00+08:00"));
    if (c.decision == Decision::kHoldOut) {
      ++held;
      EXPECT_TRUE(c.contents.empty());
      EXPECT_TRUE(c.variant.empty());
    } else {
      EXPECT_EQ(c.decision, Decision::kDefer);
    }
  }
  EXPECT_GT(held, 5);
  EXPECT_EQ(plans[0].Count(Decision::kHoldOut), held);
  auto slot = world.engine().ledger().FindSlot("wake", world.At(kMarch20));
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->held_out, held);
  EXPECT_EQ(slot->treated, 30 - held);
  const auto [least, most] =
      world.engine().store().Read([](SQLite::Database& db) {
        return std::pair<int64_t, int64_t>(
            db.execAndGet("SELECT min(goal_until) FROM touches").getInt64(),
            db.execAndGet("SELECT max(goal_until) FROM touches").getInt64());
      });
  EXPECT_EQ(least, ToMillis(world.At("2026-03-27T10:00:00+08:00")));
  EXPECT_EQ(least, most);
}

// --- window

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
  for (int i = 0; i < 20; ++i) world.User("u" + std::to_string(i));
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

// --- slots

TEST(Slots, AreWorkedOnceAndMissedWhenTooLate) {
  World world("rules:\n" + WakeRule("wake", "") +
              WakeRule("off", "enabled: false"));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T16:00:00+08:00")),
            "wake: ann send push\noff: not due\n");
  EXPECT_EQ(world.Lines(world.Plan("2026-03-20T16:00:01+08:00")),
            "wake: missed\noff: not due\n");
  const auto& ledger = world.engine().ledger();
  EXPECT_FALSE(ledger.FindSlot("wake", world.At(kMarch20)));
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T17:00:00+08:00")),
            "wake: missed\noff: not due\n");
  auto slot = ledger.FindSlot("wake", world.At(kMarch20));
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
  EXPECT_FALSE(world.engine().ledger().FindSlot("wake", world.At(kMarch20)));
  EXPECT_EQ(world.Lines(world.Run(kMarch21, ask)), "wake: ann send push\n");
}

TEST(Slots, ADoneOneIsOpenedAgainAndItsTouchesStay) {
  World world(OneRule(""));
  world.User("ann");
  world.Active("bob", "2026-01-05T09:00:00+08:00");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "wake: ann send push; bob skip no_address\n");
  const auto& ledger = world.engine().ledger();
  auto slot = ledger.FindSlot("wake", world.At(kMarch20));
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
  slot = ledger.FindSlot("wake", world.At(kMarch20));
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

// --- plan equals run

std::string RandomRules(std::mt19937& random) {
  auto pick = [&](std::vector<std::string> of) {
    return of[random() % of.size()];
  };
  std::string text =
      "hold_out: {share: " + pick({"0%", "20%"}) + ", salt: s}\nrules:\n";
  for (int i = 0; i < 5; ++i) {
    text += "  - id: r" + std::to_string(i) + "\n    when: " +
            pick({"{inactive: 14 days}", "{lifecycle: [dormant, churned]}",
                  "{prefers: shop}", "{never_active: false}"}) +
            "\n    send: {channel: " +
            pick({"push", "[push, mail]", "[mail, list]"}) +
            ", template: hello}\n    schedule: " +
            pick({"daily 10:00", "daily 09:30", "every 2 hours"}) +
            "\n    priority: " + pick({"0", "1", "2"}) + "\n    limits: " +
            pick({"{per_episode: 1}", "{every: 2 days}", "{per_run: 7}",
                  "{per_episode: 2, per_run: 4}"}) +
            "\n    hold_out: " + pick({"0%", "30%"}) +
            "\n    topic: " + pick({"offers", "service"}) + "\n    class: " +
            pick({"marketing", "marketing", "transactional"}) + "\n" +
            pick({"", "    window: 11:00-20:00\n",
                  "    window: 22:00-06:00\n    wait: 4 hours\n"});
  }
  return text;
}

void Populate(World& world, std::mt19937& random) {
  for (int i = 0; i < 40; ++i) {
    const std::string user = "u" + std::to_string(i);
    for (int n = random() % 4; n >= 0; --n) {
      const int day = 1 + random() % 28;
      const int month = 1 + random() % 3;
      world.Did(user, random() % 3 ? "app_open" : "order_paid",
                fmt::format("2026-{:02}-{:02}T0{}:00:00Z", month,
                            month == 3 ? 1 + day / 2 : day, random() % 10));
    }
    if (random() % 3) world.Profile(user, R"({"push_token":"p"})");
    if (random() % 3) world.Profile(user, R"({"email":"e@x.example"})");
    if (random() % 3 == 0) {
      world.Profile(user, R"({"time_zone":"America/New_York"})");
    }
    if (random() % 6 == 0) {
      world.engine().store().Write([&](SQLite::Database& db) {
        Consents::Set(db, world.Number(user), "offers", false);
      });
    }
  }
}

// Everything a plan says of everybody, texts and times included.
std::string Whole(World& world, const std::vector<SlotPlan>& plans) {
  std::string text;
  for (const SlotPlan& plan : plans) {
    text +=
        fmt::format("{} {}\n", plan.rule_id, static_cast<int>(plan.verdict));
    for (const Candidate& c : plan.candidates) {
      text += fmt::format("  {} {} {} {}", world.Line(c), c.template_id,
                          ToMillis(c.due_at), c.contents.size());
      for (const std::string& channel : c.channels) text += " " + channel;
      text += " " + c.detail + "\n";
    }
  }
  return text;
}

TEST(Plan, EqualsWhatARunThenDoes) {
  std::set<std::string> reasons;
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    World world(RandomRules(random));
    Populate(world, random);
    for (const char* at :
         {"2026-03-20T10:05:00+08:00", "2026-03-20T12:00:00+08:00",
          "2026-03-21T10:00:00+08:00", "2026-03-23T23:00:00+08:00"}) {
      SCOPED_TRACE(at);
      const int64_t before = world.engine().ledger().CountTouches({});
      const std::string plan = Whole(world, world.Plan(at));
      EXPECT_EQ(world.engine().ledger().CountTouches({}), before);
      auto run = world.Run(at);
      EXPECT_EQ(Whole(world, run), plan);
      int64_t touches = 0;
      for (const SlotPlan& slot : run) {
        touches += static_cast<int64_t>(slot.candidates.size()) -
                   slot.Count(Decision::kSkip);
        for (const auto& [reason, n] : slot.SkippedByReason()) {
          reasons.insert(reason);
          EXPECT_EQ(static_cast<int64_t>(
                        world.engine()
                            .ledger()
                            .Skipped(slot.rule_id, *slot.slot, reason)
                            .Count()),
                    n);
        }
      }
      EXPECT_EQ(world.engine().ledger().CountTouches({}), before + touches);
    }
  }
  // The worlds were rich enough to mean something.
  for (const char* reason : {"repeat", "no_consent", "no_address", "per_run",
                             "outranked", "capped", "outside_window"}) {
    EXPECT_TRUE(reasons.contains(reason)) << reason;
  }
}

// What explain says of each user is what the plan does with them.
TEST(Explain, AgreesWithThePlan) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    World world(RandomRules(random));
    Populate(world, random);
    std::map<std::pair<std::string, UserNumber>, std::string> planned;
    const char at[] = "2026-03-20T10:05:00+08:00";
    for (const SlotPlan& plan : world.Plan(at)) {
      ASSERT_EQ(plan.verdict, SlotVerdict::kWorked);
      for (const Candidate& c : plan.candidates) {
        planned[{plan.rule_id, c.user}] = fmt::format(
            "{} {}", DecisionName(c.decision), ReasonCode(c.reason));
      }
    }
    for (int i = 0; i < 40; ++i) {
      const std::string user = "u" + std::to_string(i);
      for (const auto& e : world.Explain(user, at)) {
        auto found = planned.find({e.rule_id, world.Number(user)});
        ASSERT_EQ(e.matched, found != planned.end()) << user << e.rule_id;
        if (!e.matched) continue;
        EXPECT_EQ(fmt::format("{} {}", DecisionName(e.decision), e.reason),
                  found->second)
            << user << " " << e.rule_id;
      }
    }
  }
}

std::string Told(const Planner::Explanation& e) {
  std::string text =
      fmt::format("{} {} {}\n", e.rule_id, DecisionName(e.decision), e.reason);
  for (const StageFinding& stage : e.stages) {
    text += fmt::format("{} {}{}{}: {}\n", stage.passed ? "+" : "-",
                        stage.stage, stage.reason.empty() ? "" : " ",
                        stage.reason, stage.detail);
  }
  return text;
}

TEST(Explain, ShowsTheValuesEachStageCompared) {
  World world(
      OneRule("topic: offers\nlimits: {per_episode: 1, every: 30 days, "
              "per_run: 5}\nwindow: 12:00-21:00",
              "[mail, push]"));
  world.User("ann");
  auto explained = world.Explain("ann", kMarch20);
  ASSERT_EQ(explained.size(), 1u);
  EXPECT_TRUE(explained[0].matched);
  std::string told = Told(explained[0]);
  const size_t draw = told.find("global draw ") + 12;
  told.replace(draw, 6, "0.####");
  const size_t own = told.find("the rule's ") + 11;
  told.replace(own, 6, "0.####");
  EXPECT_EQ(
      told,
      "wake defer outside_window\n"
      "+ repeat: 0 touches since the last activity (2026-01-05 09:00), "
      "per_episode 1; 0 touches since 2026-02-19 00:00, every 30 days\n"
      "+ consent: topic offers is granted; allowed: mail, push\n"
      "+ address: reached by push; mail needs email\n"
      "+ renderable: every variable has a value (language zh)\n"
      "+ per_run: 1 user for 5 places left of per_run 5, lowest hashes first\n"
      "+ caps: 2026-03-20 (Asia/Shanghai) has 0 marketing touches of 1\n"
      "+ hold_out: global draw 0.#### of 0%, the rule's 0.#### of 0%\n"
      "+ variant: template hello\n"
      "+ window: window 12:00-21:00 in Asia/Shanghai, now 2026-03-20 10:00, "
      "waits until 2026-03-20 12:00\n");
  world.Run(kMarch20);
  EXPECT_EQ(Told(world.Explain("ann", kMarch20)[0]),
            "wake send \n"
            "+ slot: has a touch of the slot 2026-03-20 10:00: planned "
            "2026-03-20 10:00, treated, planned\n");
  EXPECT_EQ(Told(world.Explain("ann", kMarch21)[0]),
            "wake skip repeat\n"
            "- repeat repeat: 1 touch since the last activity (2026-01-05 "
            "09:00), per_episode 1\n");
}

TEST(Explain, SaysThatTheConditionOrTheRuleIsOff) {
  World world("rules:\n" + WakeRule("wake", "") +
              WakeRule("off", "enabled: false"));
  world.User("ann", "2026-03-19T09:00:00+08:00");
  auto explained = world.Explain("ann", kMarch20);
  ASSERT_EQ(explained.size(), 2u);
  EXPECT_FALSE(explained[0].matched);
  EXPECT_FALSE(explained[0].condition.holds);
  EXPECT_TRUE(explained[0].stages.empty());
  EXPECT_EQ(Told(explained[1]),
            "off skip disabled\n- enabled disabled: enabled is false\n");
}

}  // namespace
}  // namespace rekindle

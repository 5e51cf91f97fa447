// Approval and pause: what people keep a rule from, and what becomes of the
// slots that come due meanwhile.
#include "engine/oversight/oversight.h"

#include <gtest/gtest.h>

#include "rules/slot_notices.h"
#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::World;

class OversightTest : public ::testing::Test {
 protected:
  static bool Decide(World& world, OversightAction action,
                     const std::string& version = "",
                     const char* at = kMarch20) {
    const Rule* rule = world.rules().Find("wake");
    return world.engine().store().Write([&](SQLite::Database& db) {
      return Oversight::Record(
          db, {"wake", action, version.empty() ? rule->version : version,
               std::nullopt, "li lei", "seen", world.At(at)});
    });
  }
  static std::string Slots(World& world) {
    std::string text;
    const auto slots = world.engine().ledger().slots().Newest("wake", 0);
    for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
      text += world.calendar().FormatMinute(slot->slot).substr(5) + " " +
              std::string(SlotStateName(slot->state)) +
              (slot->reason.empty() ? "" : " " + slot->reason) + "; ";
    }
    return text;
  }
};

TEST_F(OversightTest, AnUnapprovedVersionPlansButDoesNotSend) {
  World world(OneRule("approval: required"));
  world.User("ann");
  // The plan shows whom it would reach.
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)),
            "wake: approval ann send push\n");
  const auto run = world.Run(kMarch20);
  EXPECT_EQ(run[0].reason, Reason::kApproval);
  EXPECT_TRUE(run[0].recorded);
  EXPECT_TRUE(world.Touches().empty());
  EXPECT_EQ(Slots(world), "03-20 10:00 stopped approval; ");
  // Not by name either.
  world.Run(kMarch20, {.rule_id = "wake"});
  EXPECT_TRUE(world.Touches().empty());
  // Upon approval the latest slot runs, where it is not too late.
  Decide(world, OversightAction::kApprove);
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T12:00:00+08:00")),
            "wake: ann send push\n");
  EXPECT_EQ(Slots(world), "03-20 10:00 done; ");
}

TEST_F(OversightTest, AChangedVersionWaitsAgain) {
  World world(OneRule("approval: required\nlimits: {every: 1 hour}"));
  world.User("ann");
  Decide(world, OversightAction::kApprove);
  EXPECT_EQ(world.Run(kMarch20)[0].verdict, SlotVerdict::kWorked);
  world.Rules(OneRule("approval: required\nlimits: {every: 2 hours}"));
  EXPECT_EQ(world.Lines(world.Run(kMarch21)), "wake: approval\n");
  // An approval of what was before does not help.
  Decide(world, OversightAction::kApprove, "another");
  EXPECT_EQ(world.Lines(world.Run(kMarch21)), "wake: approval\n");
  Decide(world, OversightAction::kApprove);
  EXPECT_EQ(world.Lines(world.Run(kMarch21)), "wake: ann send push\n");
  EXPECT_EQ(Slots(world), "03-20 10:00 done; 03-21 10:00 done; ");
}

TEST_F(OversightTest, SlotsThatCameDueMeanwhileAreKeptWithTheirReason) {
  World world(OneRule("approval: required"));
  world.User("ann");
  world.Run(kMarch20);
  world.Run(kMarch21);
  Decide(world, OversightAction::kApprove);
  world.Run("2026-03-21T17:00:00+08:00");  // later than max_late
  EXPECT_EQ(Slots(world),
            "03-20 10:00 stopped approval; 03-21 10:00 stopped approval; ");
  EXPECT_TRUE(world.Touches().empty());
  EXPECT_EQ(world.Lines(world.Run("2026-03-22T10:00:00+08:00")),
            "wake: ann send push\n");
}

TEST_F(OversightTest, APausedRuleWorksNoSlotUntilItIsResumed) {
  World world(OneRule("limits: {every: 1 hour}"));
  world.User("ann");
  EXPECT_TRUE(Decide(world, OversightAction::kPause));
  EXPECT_FALSE(Decide(world, OversightAction::kPause)) << "paused already";
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)), "wake: paused\n");
  EXPECT_EQ(world.Run(kMarch20)[0].detail.English(),
            "paused by li lei on 2026-03-20 10:00");
  world.Run(kMarch20, {.rule_id = "wake"});
  EXPECT_TRUE(world.Touches().empty());
  EXPECT_EQ(Slots(world), "03-20 10:00 stopped paused; ");
  EXPECT_TRUE(Decide(world, OversightAction::kResume));
  EXPECT_FALSE(Decide(world, OversightAction::kResume)) << "not paused";
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T15:00:00+08:00")),
            "wake: ann send push\n");
  EXPECT_EQ(Slots(world), "03-20 10:00 done; ");
}

TEST_F(OversightTest, ExplainSaysWhatHoldsTheRuleBack) {
  World world(OneRule("approval: required"));
  world.User("ann");
  auto explained = world.Explain("ann", kMarch20).at(0);
  ASSERT_FALSE(explained.stages.empty());
  EXPECT_EQ(explained.stages[0].reason, "approval");
  EXPECT_EQ(explained.decision, Decision::kSend) << "once it is approved";
  Decide(world, OversightAction::kApprove);
  Decide(world, OversightAction::kPause);
  explained = world.Explain("ann", kMarch20).at(0);
  EXPECT_EQ(explained.stages[0].detail.English(),
            "paused by li lei on 2026-03-20 10:00");
  EXPECT_EQ(explained.decision, Decision::kSkip);
  EXPECT_EQ(explained.reason, "paused");
}

TEST_F(OversightTest, TheAuditSaysWhoAndWhat) {
  World world(OneRule(""));
  Decide(world, OversightAction::kApprove, "v1");
  Decide(world, OversightAction::kPause, "v1", kMarch21);
  const auto decisions = world.engine().store().Read(
      [](SQLite::Database& db) { return Oversight::List(db, "wake", 0); });
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[0].action, OversightAction::kPause);
  EXPECT_EQ(decisions[0].at, world.At(kMarch21));
  EXPECT_EQ(decisions[1].version, "v1");
  EXPECT_EQ(decisions[1].person, "li lei");
  EXPECT_EQ(decisions[1].note, "seen");
}

// --- notices

std::string Waiting(World& world) {
  return world.engine().store().Read([&](SQLite::Database& db) {
    SQLite::Statement get(
        db,
        "SELECT rule_id, cause, channel, address FROM notices ORDER BY slot, "
        "cause, channel");
    std::string text;
    while (get.executeStep()) {
      for (int i = 0; i < 4; ++i) text += get.getColumn(i).getString() + " ";
      text += "\n";
    }
    return text;
  });
}

TEST_F(OversightTest, ASlotGivesRiseToTheNoticesItsRuleAsksFor) {
  World world(
      OneRule("expect: {users: ..1}\n"
              "notify: [{channel: list, when: [users >= 1, users > 9, "
              "blast_guard, missed]}, {channel: mail, to: a@b.example, when: "
              "blast_guard}]"));
  world.User("ann");
  world.Run(kMarch20);
  EXPECT_EQ(Waiting(world), "wake users >= 1 list  \n");
  world.Run(kMarch20, {.rule_id = "wake"});
  EXPECT_EQ(Waiting(world), "wake users >= 1 list  \n") << "once a slot";
  world.User("bob");
  world.User("cat");
  world.Run(kMarch21);
  world.Run("2026-03-22T17:00:00+08:00");
  EXPECT_EQ(Waiting(world),
            "wake users >= 1 list  \n"
            "wake blast_guard list  \n"
            "wake blast_guard mail a@b.example \n"
            "wake missed list  \n");
}

TEST_F(OversightTest, FailuresAreToldOnceNoTouchIsUnderWay) {
  World world(OneRule("notify: {channel: list, when: failed}"));
  world.User("ann");
  world.User("bob");
  world.Run(kMarch20);
  const Instant now = world.At("2026-03-20T11:00:00+08:00");
  const auto set = [&](const char* sql) {
    world.engine().store().Write([&](SQLite::Database& db) { db.exec(sql); });
    NoteFailures(world.engine(), world.rules(), now);
  };
  set("UPDATE touches SET state = 'failed' WHERE user = 0");
  EXPECT_EQ(Waiting(world), "") << "one still waits";
  set("UPDATE touches SET state = 'dropped', reason = 'expired' WHERE user = "
      "1");
  EXPECT_EQ(Waiting(world), "wake failed list  \n");
  set("DELETE FROM notices");
  EXPECT_EQ(Waiting(world), "") << "a slot is looked at once";
}

TEST_F(OversightTest, NothingIsToldWhereNoneFailed) {
  World world(OneRule("notify: {channel: list, when: failed}"));
  world.User("ann");
  world.Run(kMarch20);
  world.engine().store().Write([](SQLite::Database& db) {
    db.exec("UPDATE touches SET state = 'accepted'");
  });
  NoteFailures(world.engine(), world.rules(), world.At(kMarch20));
  EXPECT_EQ(Waiting(world), "");
}

// 400 treated users of whom none, and 400 held out of whom all reach the goal.
TEST_F(OversightTest, ARuleThatHarmsIsToldOnceASlot) {
  World world(
      OneRule("hold_out: 50%\ngoal: {behavior: app_open, within: 1 day}\n"
              "notify: {channel: list, when: harms}"));
  world.Users(testing::UserNames(800));
  world.Run(kMarch20);
  world.engine().store().Write([](SQLite::Database& db) {
    db.exec("UPDATE touches SET goal_at = planned_at WHERE arm = 'held_out'");
  });
  NoteHarms(world.engine(), world.rules(), world.At(kMarch20));
  EXPECT_EQ(Waiting(world), "") << "the windows are open";
  const Instant later = world.At("2026-03-22T10:00:00+08:00");
  for (int i = 0; i < 2; ++i) {
    NoteHarms(world.engine(), world.rules(), later);
    EXPECT_EQ(Waiting(world), "wake harms list  \n");
  }
}

}  // namespace
}  // namespace rekindle

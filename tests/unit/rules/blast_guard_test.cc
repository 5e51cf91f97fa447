// The blast guard: what it counts, what stops a slot, and who lets it through.
#include "rules/blast_guard.h"

#include <gtest/gtest.h>

#include "engine/oversight/oversight.h"
#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::UserNames;
using testing::World;

struct GuardCase {
  std::optional<Expect> expect;
  int64_t eligible, known;
  std::optional<int64_t> most_before;
  const char* problem;  // "" where the slot may go on
};

TEST(BlastGuard, Judges) {
  const Expect users{.least_users = 10, .most_users = 20};
  const Expect at_most{.most_users = 20};
  const Expect share{.least_share = 0.01, .most_share = 0.05};
  const GuardCase cases[] = {
      // against the last slots
      {{}, 1'000'000, 1'000'000, std::nullopt, ""},
      {{}, 100, 1000, 0, ""},
      {{},
       101,
       1000,
       0,
       "101 users may be reached, more than 10 times the 0 of the largest of "
       "the last 31 slots"},
      {{}, 5000, 9000, 500, ""},
      {{},
       5001,
       9000,
       500,
       "5001 users may be reached, more than 10 times the 500 of the largest "
       "of the last 31 slots"},
      {{}, 0, 9000, 500, ""},
      // with a range, the last slots say nothing
      {users, 10, 1000, 1, ""},
      {users, 20, 1000, 1, ""},
      {users, 9, 1000, 9, "9 users may be reached; expected are 10..20"},
      {users, 21, 1000, 21, "21 users may be reached; expected are 10..20"},
      {at_most, 0, 1000, {}, ""},
      {at_most, 21, 1000, {}, "21 users may be reached; expected are ..20"},
      {share, 10, 1000, {}, ""},
      {share, 50, 1000, {}, ""},
      {share,
       51,
       1000,
       {},
       "51 users may be reached, 5.1% of all known; expected are 1%..5%"},
      {share,
       9,
       1000,
       {},
       "9 users may be reached, 0.9% of all known; expected are 1%..5%"},
  };
  for (const GuardCase& c : cases) {
    Rule rule;
    rule.expect = c.expect;
    EXPECT_EQ(BlastGuardProblem(rule, c.eligible, c.known, c.most_before)
                  .value_or(Phrase())
                  .English(),
              c.problem);
  }
}

constexpr char kSlot20[] = "2026-03-20T10:00:00+08:00";

std::string Outcome(World& world, const char* at) {
  const auto slot = world.engine().ledger().slots().Find("wake", world.At(at));
  if (!slot) return "none";
  return std::string(SlotStateName(slot->state)) +
         (slot->reason.empty() ? "" : " " + slot->reason) + " " +
         std::to_string(slot->eligible);
}

void LetThrough(World& world, const char* slot) {
  world.engine().store().Write([&](SQLite::Database& db) {
    Oversight::Record(db, {"wake", OversightAction::kApproveSlot, "v",
                           world.At(slot), "ann", "", world.At(slot)});
  });
}

TEST(BlastGuard, StopsTheSlotBeforeASingleTouchAndAsksAPerson) {
  World world(OneRule("expect: {users: ..5}"));
  world.Users(UserNames(6));
  EXPECT_EQ(world.Plan(kMarch20)[0].reason, Reason::kBlastGuard);
  EXPECT_EQ(Outcome(world, kSlot20), "none") << "a plan writes nothing";
  auto run = world.Run(kMarch20);
  EXPECT_EQ(run[0].verdict, SlotVerdict::kStopped);
  EXPECT_EQ(run[0].reason, Reason::kBlastGuard);
  EXPECT_EQ(run[0].detail.English(),
            "6 users may be reached; expected are ..5");
  EXPECT_TRUE(run[0].recorded);
  EXPECT_EQ(Outcome(world, kSlot20), "stopped blast_guard 6");
  EXPECT_TRUE(world.Touches().empty());

  // It stays stopped, and tells once.
  run = world.Run("2026-03-20T10:01:00+08:00");
  EXPECT_EQ(run[0].reason, Reason::kBlastGuard);
  EXPECT_FALSE(run[0].recorded);
  // Asked for by name it is judged anew, and stopped all the same.
  world.Run("2026-03-20T10:02:00+08:00", {.rule_id = "wake"});
  EXPECT_TRUE(world.Touches().empty());

  LetThrough(world, kSlot20);
  EXPECT_EQ(world.Run("2026-03-20T10:03:00+08:00")[0].verdict,
            SlotVerdict::kWorked);
  EXPECT_EQ(world.Touches().size(), 6u);
  EXPECT_EQ(Outcome(world, kSlot20), "done 6");
}

TEST(BlastGuard, AStoppedSlotThatIsTooLateKeepsItsReason) {
  World world(OneRule("expect: {users: 1..}"));
  world.Run(kMarch20);
  EXPECT_EQ(Outcome(world, kSlot20), "stopped blast_guard 0");
  LetThrough(world, kSlot20);
  world.Users(UserNames(3));
  EXPECT_EQ(world.Lines(world.Run("2026-03-20T17:00:00+08:00")),
            "wake: blast_guard\n");
  EXPECT_EQ(Outcome(world, kSlot20), "stopped blast_guard 0");
  EXPECT_EQ(world.Run(kMarch21)[0].verdict, SlotVerdict::kWorked);
}

TEST(BlastGuard, ComparesWithTheLargestOfTheLastSlots) {
  World world(OneRule("limits: {every: 1 hour}"));
  world.Users(UserNames(30));
  world.Run(kMarch20);
  EXPECT_EQ(Outcome(world, kSlot20), "done 30");
  std::vector<std::string> crowd;
  for (int i = 0; i < 271; ++i) crowd.push_back("c" + std::to_string(i));
  world.Users(crowd);
  EXPECT_EQ(world.Run(kMarch21)[0].reason, Reason::kBlastGuard);
  EXPECT_EQ(world.Touches().size(), 30u);
  // One user fewer is ten times as many.
  world.Profile("c0", R"({"push_token":null})");
  EXPECT_EQ(world.Run(kMarch21, {.rule_id = "wake"})[0].verdict,
            SlotVerdict::kWorked);
  EXPECT_EQ(world.Touches().size(), 330u);
}

// Neither a ramp nor per_run hides a jump, or looks like one.
TEST(BlastGuard, CountsBeforeRampAndPerRun) {
  for (const char* keys :
       {"limits: {per_run: 2}", "limits: {ramp: [1%, 100%]}"}) {
    SCOPED_TRACE(keys);
    World world(OneRule(std::string("expect: {users: ..50}\n") + keys));
    world.Users(UserNames(50));
    EXPECT_EQ(world.Run(kMarch20)[0].verdict, SlotVerdict::kWorked);
    EXPECT_EQ(Outcome(world, kSlot20), "done 50");
    world.User("one more");
    EXPECT_EQ(world.Plan(kMarch20, {.rule_id = "wake"})[0].reason,
              Reason::kBlastGuard);
  }
}

// A stopped slot takes no room from the rules after it.
TEST(BlastGuard, AStoppedSlotTakesNoCap) {
  World world("rules:\n" +
              testing::WakeRule("big", "priority: 9\nexpect: {users: 5..}") +
              testing::WakeRule("small", ""));
  world.User("ann");
  const std::string expected =
      "big: blast_guard ann send push\n"
      "small: ann send push\n";
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)), expected);
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), expected);
}

}  // namespace
}  // namespace rekindle

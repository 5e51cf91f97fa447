// Explain: the values each stage compared, and that it agrees with the plan.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/rules/planner_world.h"
#include "tests/unit/rules/random_world.h"

namespace rekindle {
namespace {

using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::Populate;
using testing::RandomRules;
using testing::WakeRule;
using testing::World;

// What explain says of each user is what the plan does with them.
TEST(Explain, AgreesWithThePlan) {
  int matched = 0;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    World world(RandomRules(random), testing::kRandomTemplates,
                testing::kRandomSettings);
    Populate(world, random, 40);
    std::map<std::pair<std::string, UserNumber>, std::string> planned;
    const char at[] = "2026-03-20T10:05:00+08:00";
    for (const SlotPlan& plan : world.Plan(at)) {
      const bool guarded = plan.verdict == SlotVerdict::kStopped;
      ASSERT_TRUE(guarded || plan.verdict == SlotVerdict::kWorked);
      for (const Candidate& c : plan.candidates) {
        planned[{plan.rule_id, c.user}] =
            guarded ? "skip blast_guard"
                    : fmt::format("{} {}", DecisionName(c.decision),
                                  ReasonCode(c.reason));
      }
    }
    for (int i = 0; i < 40; ++i) {
      const std::string user = "u" + std::to_string(i);
      for (const auto& e : world.Explain(user, at)) {
        auto found = planned.find({e.rule_id, world.Number(user)});
        ASSERT_EQ(e.matched, found != planned.end()) << user << e.rule_id;
        if (!e.matched) continue;
        ++matched;
        EXPECT_EQ(fmt::format("{} {}", DecisionName(e.decision), e.reason),
                  found->second)
            << user << " " << e.rule_id;
      }
    }
  }
  EXPECT_GT(matched, 100) << "the worlds were rich enough to mean something";
}

std::string Told(const Planner::Explanation& e) {
  std::string text =
      fmt::format("{} {} {}\n", e.rule_id, DecisionName(e.decision), e.reason);
  for (const StageFinding& stage : e.stages) {
    text += fmt::format("{} {}{}{}: {}\n", stage.passed ? "+" : "-",
                        stage.stage, stage.reason.empty() ? "" : " ",
                        stage.reason, stage.detail.English());
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
      "+ ramp: no ramp\n"
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

// As the plan has it, whether or not the user matches what is there so far.
TEST(Explain, SaysThatARuleWaitsForABehavior) {
  std::string rules = "rules:\n" + WakeRule("plain", "");
  const std::string when = "inactive: 14 days";
  for (const char* condition : {"did", "did_not"}) {
    std::string rule = WakeRule(condition, "");
    rule.replace(rule.find(when), when.size(),
                 std::string(condition) + ": {behavior: trip}");
    rules += rule;
  }
  rules += WakeRule("off", "enabled: false");
  World world(rules);
  world.User("ann");
  world.Did("ann", "trip_completed", "2026-02-05T09:00:00+08:00");
  auto facts = world.RestartFillingTrip();
  const auto plans = world.Plan(kMarch20);
  ASSERT_EQ(plans.size(), 4u);
  EXPECT_EQ(plans[0].verdict, SlotVerdict::kWorked);
  const auto explained = world.Explain("ann", kMarch20);
  ASSERT_EQ(explained.size(), 4u);
  EXPECT_EQ(explained[0].decision, Decision::kSend);
  EXPECT_TRUE(explained[0].waits_for.empty());
  for (size_t i : {1u, 2u}) {
    SCOPED_TRACE(plans[i].rule_id);
    EXPECT_EQ(plans[i].verdict, SlotVerdict::kWaits);
    EXPECT_EQ(explained[i].waits_for, plans[i].waits_for);
    EXPECT_EQ(Told(explained[i]),
              plans[i].rule_id +
                  " skip \n- slot: trip is being filled in from raw events\n");
  }
  EXPECT_EQ(explained[3].reason, "disabled");
  EXPECT_TRUE(explained[3].waits_for.empty());

  facts.reset();
  world.Restart();
  EXPECT_TRUE(world.Explain("ann", kMarch20)[1].waits_for.empty());
}

}  // namespace
}  // namespace rekindle

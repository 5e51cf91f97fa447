// The traps that comparable systems fell into, each a test under its name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>
#include <set>

#include "engine/flows/flows.h"
#include "engine/oversight/oversight.h"
#include "tests/unit/rules/planner_world.h"

namespace rekindle {
namespace {

using testing::kApril20;
using testing::kMarch20;
using testing::kMarch21;
using testing::OneRule;
using testing::UserNames;
using testing::WakeRule;
using testing::World;

// "Inactive N" of people who never did anything: registration counts as
// activity, so a user is as silent as they are old; somebody of whom neither a
// registration nor an event is known is in no condition.
TEST(Traps, NeverSeenLastActiveMustNotBlastTheBackCatalogue) {
  World world(OneRule("", "list"));
  world.Profile("stub", R"({"city":"x"})");
  world.Profile("young", R"({"created_at":"2026-03-18"})");
  world.Profile("old", R"({"created_at":"2026-01-01"})");
  EXPECT_EQ(world.Lines(world.Plan(kMarch20)), "wake: old send list\n");
}

// And where the catalogue itself is what a mistake would reach, it is stopped.
TEST(Traps, ABackCatalogueIsStoppedByTheBlastGuard) {
  World world(OneRule("limits: {every: 1 hour}"));
  world.Users(UserNames(5));
  world.Run(kMarch20);
  std::vector<std::string> catalogue;
  for (int i = 0; i < 200; ++i) catalogue.push_back("c" + std::to_string(i));
  world.Users(catalogue);
  EXPECT_EQ(world.Run(kMarch21)[0].reason, Reason::kBlastGuard);
  EXPECT_EQ(world.Touches().size(), 5u);
}

TEST(Traps, OneSendPerDormancyEpisode) {
  World world(OneRule(""));
  world.User("ann");
  int64_t sent = 0;
  for (int day = 20; day <= 31; ++day) {
    sent += world.Run(fmt::format("2026-03-{}T10:00:00+08:00", day))[0].Count(
        Decision::kSend);
  }
  EXPECT_EQ(sent, 1) << "not once a day";
  world.Active("ann", "2026-04-01T09:00:00+08:00");
  EXPECT_EQ(world.Run(kApril20)[0].Count(Decision::kSend), 1)
      << "nor once for ever";
}

TEST(Traps, AScheduledRunFoundLateIsNotSent) {
  World world(OneRule(""));
  world.User("ann");
  world.Run("2026-03-20T16:00:01+08:00");  // 6 hours and a second
  EXPECT_TRUE(world.Touches().empty());
  EXPECT_EQ(
      world.engine().ledger().slots().Find("wake", world.At(kMarch20))->state,
      SlotState::kMissed);
}

TEST(Traps, ALimitOfNothingIsRefusedNeverBlockAll) {
  for (const char* keys :
       {"limits: {per_run: 0}", "limits: {per_episode: 0}",
        "limits: {every: 0 days}", "limits: {ramp: [0%, 100%]}"}) {
    EXPECT_THROW(World{OneRule(keys)}, std::runtime_error) << keys;
  }
  EXPECT_THROW(World("caps: [{max: 0, per: day}]\nrules: []"),
               std::runtime_error);
  // An empty list is no cap.
  World world("caps: []\nrules:\n" + WakeRule("one", "") + WakeRule("two", ""));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "one: ann send push\ntwo: ann send push\n");
}

// Nor on anything else that a batch is: a split is a hash of user and rule.
TEST(Traps, SplitsDoNotDependOnBatchSizeOrOrder) {
  const std::string keys =
      "hold_out: 30%\nvariants: [{id: a, weight: 50%}, {id: b, weight: 50%}]";
  std::vector<std::string> users = UserNames(60);
  std::map<std::string, std::string> first;
  std::mt19937 random(3);
  for (size_t batch : {60, 1, 7}) {
    World world(OneRule(keys));
    for (size_t i = 0; i < users.size(); i += batch) {
      world.Users({users.begin() + i,
                   users.begin() + std::min(i + batch, users.size())});
    }
    std::map<std::string, std::string> arms;
    const auto plans = world.Plan(kMarch20);
    for (const Candidate& c : plans[0].candidates) {
      const std::string line = world.Line(plans[0], c);
      arms[line.substr(0, line.find(' '))] = line.substr(line.find(' '));
    }
    EXPECT_EQ(arms.size(), users.size());
    if (first.empty()) first = arms;
    EXPECT_EQ(arms, first) << "batches of " << batch;
    std::shuffle(users.begin(), users.end(), random);
  }
}

TEST(Traps, AFailingSlotIsTriedAgainNeverDropped) {
  World world(OneRule(""));
  world.Users(UserNames(20));
  for (int failure = 0; failure < 5; ++failure) {
    world.engine().store().Write([](SQLite::Database& db) {
      db.exec(
          "CREATE TEMP TRIGGER fails BEFORE INSERT ON touches WHEN NEW.user = "
          "13 BEGIN SELECT RAISE(ABORT, 'cut'); END");
    });
    EXPECT_THROW(world.Run(kMarch20), SQLite::Exception);
    EXPECT_TRUE(world.Touches().empty()) << "all of a slot, or nothing";
    world.engine().store().Write(
        [](SQLite::Database& db) { db.exec("DROP TRIGGER fails"); });
  }
  world.Run(kMarch20);
  EXPECT_EQ(world.Touches().size(), 20u);
}

TEST(Traps, NoSilentRowCap) {
  World world(OneRule("", "list"));
  std::vector<Engine::UserRow> rows;
  for (int i = 0; i < 66'000; ++i) {
    rows.push_back({.user_id = "u" + std::to_string(i),
                    .json_object = R"({"created_at":"2026-01-01"})"});
  }
  world.Take({}, rows);
  EXPECT_EQ(world.Plan(kMarch20)[0].Count(Decision::kSend), 66'000);
}

// A recompute holds a snapshot while it scans; touches are claimed meanwhile.
TEST(Traps, ARecomputeDoesNotStarveSending) {
  World world(OneRule(""));
  world.User("ann");
  world.Run(kMarch20);
  const auto scanning = world.engine().At(world.At(kMarch20));
  auto sending =
      std::async(std::launch::async, [&] { return world.Leave(kMarch20); });
  ASSERT_EQ(sending.wait_for(std::chrono::seconds(60)),
            std::future_status::ready);
  EXPECT_EQ(sending.get(), std::vector<std::string>{"ann"});
}

TEST(Traps, OnePoisonousRecipientDoesNotResendTheBatch) {
  World world(OneRule(""));
  world.Users(UserNames(5));
  world.Run(kMarch20);
  ASSERT_EQ(world.Leave(kMarch20).size(), 5u);
  std::vector<AttemptResult> results;
  for (const TouchRow& touch : world.Touches()) {
    AttemptResult result{.touch_id = touch.touch_id};
    if (touch.user_id == "u3") result.state = TouchState::kPlanned;
    results.push_back(result);
  }
  const Instant now = world.At(kMarch20);
  world.engine().ledger().Record(results, now);
  EXPECT_EQ(world.Leave(kMarch20), std::vector<std::string>{"u3"});
}

TEST(Traps, ChangingSettingsDoesNotRestartARunningSend) {
  World world(OneRule(""));
  world.Users(UserNames(5));
  world.Run(kMarch20);
  ASSERT_EQ(world.Leave(kMarch20).size(), 5u);
  world.Rules(OneRule("name: Another\npriority: 3"));
  world.Run("2026-03-20T11:00:00+08:00");
  world.Run("2026-03-20T11:00:00+08:00", {.rule_id = "wake"});
  EXPECT_TRUE(world.Leave("2026-03-20T11:00:00+08:00").empty());
  EXPECT_EQ(world.Touches().size(), 5u);
}

TEST(Traps, PauseAndResumeDoNotRepeat) {
  World world(OneRule("window: 09:00-21:00\nlimits: {every: 1 hour}"));
  world.User("ann");
  world.User("bob");  // 03:00, so it waits for 09:00
  world.Profile("bob", R"({"time_zone":"Europe/Berlin"})");
  world.Run(kMarch20);
  EXPECT_EQ(world.Leave(kMarch20), std::vector<std::string>{"ann"});
  const auto decide = [&](OversightAction action) {
    world.engine().store().Write([&](SQLite::Database& db) {
      Oversight::Record(db, {"wake", action, "", std::nullopt, "li lei", "",
                             world.At(kMarch20)});
    });
  };
  const char later[] = "2026-03-20T17:00:00+08:00";
  decide(OversightAction::kPause);
  EXPECT_TRUE(world.Leave(later).empty()) << "what waits stays where it is";
  world.Restart();
  EXPECT_TRUE(world.Leave(later).empty()) << "a restart does not resume it";
  decide(OversightAction::kResume);
  world.Run("2026-03-20T15:00:00+08:00");
  EXPECT_EQ(world.Leave(later), std::vector<std::string>{"bob"});
  EXPECT_TRUE(world.Leave(later).empty());
}

TEST(Traps, ThePreviewIsWhatARunDoesAfterConsentCapsAndHoldOut) {
  World world("hold_out: {share: 20%, salt: s}\nrules:\n" +
              WakeRule("one", "hold_out: 20%\ntopic: offers") +
              WakeRule("two", "priority: -1\nlimits: {per_run: 9}"));
  world.Users(UserNames(50));
  world.engine().store().Write([&](SQLite::Database& db) {
    for (UserNumber user = 0; user < 10; ++user) {
      Consents::Set(db, user, "offers", false);
    }
  });
  const std::string preview = world.Lines(world.Plan(kMarch20));
  for (const char* part : {"send", "hold_out", "no_consent", "outranked"}) {
    EXPECT_NE(preview.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(world.Lines(world.Run(kMarch20)), preview);
}

TEST(Traps, CapsCountMarketingOnlyPerChannelAndGlobal) {
  World world(
      "caps: [{max: 2, per: day}, {channel: push, max: 1, per: day}]\n"
      "rules:\n" +
      WakeRule("bill", "class: transactional\npriority: 9") +
      WakeRule("push1", "priority: 8") + WakeRule("push2", "priority: 7") +
      WakeRule("list1", "priority: 6", "list") +
      WakeRule("list2", "priority: 5", "list") +
      WakeRule("bill2", "class: transactional"));
  world.User("ann");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "bill: ann send push\n"
            "push1: ann send push\n"
            "push2: ann skip outranked\n"
            "list1: ann send list\n"
            "list2: ann skip outranked\n"
            "bill2: ann send push\n");
}

TEST(Traps, AQuietHourDeferralSurvivesARestartAndExpires) {
  World world(OneRule("window: 09:00-21:00\nwait: 12 hours"));
  world.User("ann");
  world.Profile("ann", R"({"time_zone":"Europe/Berlin"})");
  EXPECT_EQ(world.Lines(world.Run(kMarch20)),
            "wake: ann defer outside_window push\n");
  world.Restart();
  EXPECT_TRUE(world.Leave("2026-03-20T15:59:59+08:00").empty());
  EXPECT_EQ(world.Leave("2026-03-20T16:00:00+08:00"),
            std::vector<std::string>{"ann"});

  World slow(OneRule("window: 09:00-21:00\nwait: 12 hours"));
  slow.User("ann");
  slow.Profile("ann", R"({"time_zone":"Europe/Berlin"})");
  slow.Run(kMarch20);
  slow.Restart();
  EXPECT_TRUE(slow.Leave("2026-03-20T22:00:01+08:00").empty());
  EXPECT_EQ(slow.Touches().at(0).reason, "expired");
}

TEST(Traps, ALateEventReopensTheMonthItBelongsTo) {
  World world(OneRule(""));
  world.User("ann", "2026-01-05T09:00:00+08:00");
  const auto state_in_february = [&] {
    const auto facts = world.engine().At(world.At("2026-02-28T23:00:00+08:00"));
    return facts->StateOf(world.Number("ann"));
  };
  EXPECT_EQ(state_in_february(), State::kDormant);
  world.Active("ann", "2026-02-10T09:00:00+08:00");
  EXPECT_EQ(state_in_february(), State::kPreviousNew);
}

}  // namespace
}  // namespace rekindle

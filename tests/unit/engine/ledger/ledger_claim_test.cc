#include "engine/store_schema.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class LedgerClaimTest : public LedgerTest {
 protected:
  ClaimChannel mail{"mail", "email", false};

  Touch TwoChannels(UserNumber user) const {
    Touch touch = TouchOf(user);
    touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
    return touch;
  }
  void Suppress(const Suppression& entry) {
    store.Write([&](SQLite::Database& db) { Consents::Suppress(db, entry); });
  }
  void Refuse(UserNumber user, const std::string& topic) {
    store.Write(
        [&](SQLite::Database& db) { Consents::Set(db, user, topic, false); });
  }
  void SetProfile(UserNumber user, const std::string& json) {
    store.Write([&](SQLite::Database& db) {
      ASSERT_TRUE(users.UpdateProfile(db, user, json, settings.calendar));
    });
  }
};

TEST_F(LedgerClaimTest, HandsOverWhatTheChannelNeeds) {
  Insert({TouchOf(kAnna)});
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  const ClaimedTouch& touch = claimed[0];
  EXPECT_EQ(touch.touch_id, TouchOf(kAnna).touch_id);
  EXPECT_EQ(touch.rule_id, kRule);
  EXPECT_EQ(touch.slot, kSlot);
  EXPECT_EQ(touch.planned_at, kSlot);
  EXPECT_EQ(touch.user_id, "anna");
  EXPECT_EQ(touch.user, kAnna);
  EXPECT_EQ(touch.channel, "push");
  EXPECT_EQ(touch.address, "t-anna");
  EXPECT_EQ(touch.parts, TouchOf(kAnna).contents[0].parts);
  EXPECT_EQ(touch.attempt, 1);
  EXPECT_EQ(touch.expires_at, After(hours(24)));
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(Ask("SELECT claimed_at FROM attempts"), ToMillis(kSlot));
  EXPECT_TRUE(Claim().empty());
}

TEST_F(LedgerClaimTest, IsDurableBeforeItReturns) {
  Insert({TouchOf(kAnna)});
  Claim();
  Store other(dir / "store.db", StoreMigrations());
  other.Read([&](SQLite::Database& db) {
    EXPECT_EQ(db.execAndGet("SELECT state FROM touches").getString(),
              "claimed");
  });
}

TEST_F(LedgerClaimTest, TakesWhatIsDueOldestFirstUpToTheLimit) {
  Touch later = TouchOf(kAnna), soon = TouchOf(kBob), now = TouchOf(kCora);
  later.due_at = After(minutes(2));
  soon.due_at = After(minutes(1));
  Insert({later, soon, now});
  facts.now = After(minutes(1));
  ASSERT_EQ(Claim(1).size(), 1u);
  EXPECT_EQ(Fate(kCora), "claimed");
  EXPECT_EQ(ledger.NextDue(), soon.due_at);
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(ledger.NextDue(), later.due_at);
  facts.now = After(minutes(2));
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(ledger.NextDue(), std::nullopt);
}

TEST_F(LedgerClaimTest, WhatIsDueNextIsTheFirstOfAllChannelsAndRules) {
  Touch other_rule = TouchOf(kAnna), other_channel = TouchOf(kBob);
  other_rule.rule_id = "another";
  other_rule.due_at = After(minutes(2));
  other_channel.contents = {{"mail", {{"subject", "Hello"}}}};
  other_channel.due_at = After(minutes(1));
  Touch last = TouchOf(kCora);
  last.due_at = After(minutes(3));
  Insert({other_rule, other_channel, last});
  EXPECT_EQ(ledger.NextDue(), other_channel.due_at);
  facts.now = After(minutes(2));
  EXPECT_EQ(ledger.Claim(mail, facts, consents, live_rules, 10).size(), 1u);
  EXPECT_EQ(ledger.NextDue(), other_rule.due_at);
  EXPECT_TRUE(Claim().empty());  // that rule is gone
  EXPECT_EQ(ledger.NextDue(), last.due_at);
}

TEST_F(LedgerClaimTest, HeldOutTouchesNeverLeave) {
  Touch held = TouchOf(kAnna);
  held.arm = Arm::kHeldOut;
  Insert({held});
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(Fate(kAnna), "held_out");
}

TEST_F(LedgerClaimTest, WhatAUserRefusedIsDropped) {
  Touch topical = TouchOf(kDan);
  topical.topic = "offers";
  Insert({TouchOf(kAnna), TouchOf(kBob), TouchOf(kCora), topical});
  Suppress({"", "", "anna", "unsubscribed", kSlot});
  Suppress({"push", "t-bob", "", "dead address", kSlot});
  Refuse(kCora, "push");
  Refuse(kDan, "offers");
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(Fate(kAnna), "dropped suppressed");
  EXPECT_EQ(Fate(kBob), "dropped suppressed");
  EXPECT_EQ(Fate(kCora), "dropped no_consent");
  EXPECT_EQ(Fate(kDan), "dropped no_consent");
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 0);
  EXPECT_EQ(Ask("SELECT count(*) FROM attempts"), 0);
}

TEST_F(LedgerClaimTest, RefusalsOfOtherThingsDoNotMatter) {
  Touch transactional = TouchOf(kBob);
  transactional.marketing = false;
  Insert({TouchOf(kAnna), transactional});
  Suppress({"mail", "", "anna", "unsubscribed", kSlot});
  Suppress({"mail", "t-anna", "", "dead address", kSlot});
  Refuse(kAnna, "offers");
  Suppress({"push", "", "bob", "complained", kSlot});
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(Fate(kBob), "dropped suppressed");
}

TEST_F(LedgerClaimTest, ExpiredOnlyAfterItsLastInstant) {
  Touch edge = TouchOf(kAnna), past = TouchOf(kBob);
  past.expires_at = edge.expires_at - milliseconds(1);
  Insert({edge, past});
  facts.now = edge.expires_at;
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(Fate(kBob), "dropped expired");
}

TEST_F(LedgerClaimTest, CameBackWhileItWaited) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  facts.now = After(hours(2));
  facts.last_activity[kAnna] = kSlot;
  facts.last_activity[kBob] = After(milliseconds(1));
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(Fate(kBob), "dropped came_back");
}

TEST_F(LedgerClaimTest, ARuleThatIsGone) {
  Insert({TouchOf(kAnna)});
  live_rules = {"another"};
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(Fate(kAnna), "dropped rule_changed");
}

TEST_F(LedgerClaimTest, AnAddressThatIsGone) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  SetProfile(kAnna, R"({"push_token":null})");
  SetProfile(kBob, R"({"push_token":""})");
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(Fate(kAnna), "dropped no_address");
  EXPECT_EQ(Fate(kBob), "dropped no_address");
}

TEST_F(LedgerClaimTest, AChannelWithoutAddressesNeedsNone) {
  Insert({TouchOf(kAnna)});
  SetProfile(kAnna, R"({"push_token":null})");
  push.address_field = "";
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].address, "");
}

TEST_F(LedgerClaimTest, DropsDoNotUseUpTheLimit) {
  Touch first = TouchOf(kAnna), second = TouchOf(kBob);
  first.expires_at = second.expires_at = kSlot - milliseconds(1);
  Insert({first, second, TouchOf(kCora), TouchOf(kDan)});
  EXPECT_EQ(Claim(1).size(), 1u);
  EXPECT_EQ(ledger.CountByState(kRule, kSlot),
            (std::map<TouchState, int64_t>{{TouchState::kPlanned, 1},
                                           {TouchState::kClaimed, 1},
                                           {TouchState::kDropped, 2}}));
}

TEST_F(LedgerClaimTest, GoesThroughItsFirstUsableChannel) {
  Insert({TwoChannels(kAnna), TwoChannels(kBob), TwoChannels(kCora)});
  SetProfile(kBob, R"({"push_token":null})");
  SetProfile(kCora, R"({"push_token":null})");
  Suppress({"mail", "", "cora", "unsubscribed", kSlot});
  EXPECT_TRUE(ledger.Claim(mail, facts, consents, live_rules, 10).empty());
  ASSERT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(Fate(kBob), "planned");
  EXPECT_EQ(RowOf(kBob).channel, "mail");
  EXPECT_EQ(Fate(kCora), "dropped no_address");

  const auto mailed = ledger.Claim(mail, facts, consents, live_rules, 10);
  ASSERT_EQ(mailed.size(), 1u);
  EXPECT_EQ(mailed[0].user_id, "bob");
  EXPECT_EQ(mailed[0].address, "bob@app.example");
  EXPECT_EQ(mailed[0].parts.at(0).second, "Hello by mail");
}

TEST_F(LedgerClaimTest,
       UnknownWaitsForAPersonWhereTheChannelCannotDeduplicate) {
  Insert({TouchOf(kAnna)});
  Claim();
  EXPECT_EQ(ledger.MarkInterrupted(After(minutes(1))), 1);
  facts.now = After(hours(1));
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(Fate(kAnna), "unknown interrupted");
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 1);
}

TEST_F(LedgerClaimTest, UnknownIsRepeatedWhereTheProviderDeduplicates) {
  push.deduplicates = true;
  Insert({TouchOf(kAnna)});
  const auto first = Claim();
  ledger.MarkInterrupted(After(minutes(1)));
  const auto second = Claim();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].touch_id, first[0].touch_id);
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_EQ(second[0].parts, first[0].parts);
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(AskText("SELECT group_concat(attempt || ':' || repeat || ':' || "
                    "outcome, ' ') FROM attempts"),
            "1:0:interrupted 2:1:");
}

TEST_F(LedgerClaimTest, AnUnknownOutcomeIsRepeatedAMinuteLater) {
  push.deduplicates = true;
  Insert({TouchOf(kAnna)});
  const auto first = Claim();
  ledger.Record(
      std::vector{ResultOf(first.at(0), TouchState::kUnknown, "unknown")},
      After(minutes(1)));
  facts.now = After(minutes(2)) - milliseconds(1);
  EXPECT_TRUE(Claim().empty());
  facts.now = After(minutes(2));
  EXPECT_EQ(Claim().size(), 1u);
}

TEST_F(LedgerClaimTest, AnUnknownOneThatFailsACheckStaysUnknown) {
  push.deduplicates = true;
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  Claim();
  ledger.MarkInterrupted(kSlot);
  facts.now = After(hours(1));
  facts.last_activity[kAnna] = After(minutes(30));
  ASSERT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "unknown came_back");
  EXPECT_EQ(RowOf(kAnna).attempts, 1);
  facts.last_activity.clear();
  EXPECT_TRUE(Claim().empty());
}

}  // namespace
}  // namespace rekindle

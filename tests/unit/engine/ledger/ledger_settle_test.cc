#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class LedgerSettleTest : public LedgerTest {
 protected:
  LedgerSettleTest() {
    Insert({TouchOf(kAnna), TouchOf(kBob), TouchOf(kCora)});
    Claim();
    ledger.MarkInterrupted(kSlot);
  }
  SettleAsk Ask3(SettleAsk::As as) const {
    SettleAsk ask;
    ask.as = as;
    ask.channel = "push";
    ask.who = "kim";
    ask.subject = "channel push";
    return ask;
  }
};

TEST_F(LedgerSettleTest, AcceptedAndFailedAreFinal) {
  SettleAsk ask = Ask3(SettleAsk::As::kAccepted);
  ask.touch_ids = {TouchOf(kAnna).touch_id};
  EXPECT_EQ(ledger.Settle(ask, After(minutes(1)))->size(), 1u);
  EXPECT_EQ(Fate(kAnna), "accepted settled_accepted");
  EXPECT_EQ(Fate(kBob), "unknown interrupted");
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 2);

  EXPECT_EQ(
      ledger.Settle(Ask3(SettleAsk::As::kFailed), After(minutes(2)))->size(),
      2u);
  EXPECT_EQ(Fate(kBob), "failed settled_failed");
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 0);
  EXPECT_EQ(Ask("SELECT count(*) FROM attempts WHERE address IS NOT NULL"), 0);

  const auto actions = ledger.channels().Actions(10);
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(actions[0].who, "kim");
  EXPECT_EQ(actions[0].action, "settle");
  EXPECT_EQ(actions[0].subject, "channel push");
  EXPECT_EQ(actions[0].touches, 2);
}

TEST_F(LedgerSettleTest, ResendIsMarkedAsARepeatUntilItIsFinal) {
  SettleAsk ask = Ask3(SettleAsk::As::kResend);
  ask.touch_ids = {TouchOf(kAnna).touch_id};
  const Instant late = After(hours(30));  // it had expired
  ASSERT_TRUE(ledger.Settle(ask, late));
  EXPECT_EQ(Fate(kAnna), "planned settled_resend");
  facts.now = late;
  auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_TRUE(claimed[0].repeat);
  AttemptResult result =
      ResultOf(claimed[0], TouchState::kPlanned, "temporary");
  ledger.Record({&result, 1}, late);
  claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_TRUE(claimed[0].repeat) << "the first may still have been sent";
  EXPECT_EQ(claimed[0].tries, 3);
  EXPECT_EQ(AskText("SELECT group_concat(repeat, '') FROM attempts a JOIN "
                    "touches t ON t.id = a.touch WHERE t.user = 0"),
            "011");
}

TEST_F(LedgerSettleTest, ADryRunSettlesNothing) {
  SettleAsk ask = Ask3(SettleAsk::As::kFailed);
  ask.dry_run = true;
  EXPECT_EQ(ledger.Settle(ask, kSlot)->size(), 3u);
  EXPECT_EQ(Fate(kAnna), "unknown interrupted");
  EXPECT_TRUE(ledger.channels().Actions(10).empty());
}

TEST_F(LedgerSettleTest, OnlyWhatIsUnknown) {
  SettleAsk ask = Ask3(SettleAsk::As::kFailed);
  ask.touch_ids = {TouchOf(kAnna).touch_id, "nobody's"};
  const auto refused = ledger.Settle(ask, kSlot);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(refused.error().message,
            "touch nobody's is not unknown: nothing is settled");
  EXPECT_EQ(Fate(kAnna), "unknown interrupted");
  ask.touch_ids.clear();
  ask.channel = "mail";
  EXPECT_TRUE(ledger.Settle(ask, kSlot)->empty());
  ask.channel = "push";
  ask.slot = After(hours(1));
  EXPECT_TRUE(ledger.Settle(ask, kSlot)->empty());
}

// Also where the settings do not name it any more.
TEST_F(LedgerSettleTest, TheLedgerKnowsWhatWasHandedToAChannel) {
  EXPECT_TRUE(ledger.channels().HasSent("push"));
  EXPECT_FALSE(ledger.channels().HasSent("mail"));
  store.Write([](SQLite::Database& db) {
    db.exec("DELETE FROM channel_counts");  // as in folders of before
  });
  EXPECT_TRUE(ledger.channels().HasSent("push"));
}

class LedgerReleaseTest : public LedgerTest {};

TEST_F(LedgerReleaseTest, IsAsBeforeTheClaim) {
  push.deduplicates = true;
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  const auto first = Claim(1);
  ledger.MarkInterrupted(kSlot);
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 2u);
  ledger.Release(claimed, kSlot);
  EXPECT_EQ(Fate(kAnna), "unknown");
  EXPECT_EQ(RowOf(kAnna).attempts, 1);
  EXPECT_EQ(Fate(kBob), "planned");
  EXPECT_EQ(RowOf(kBob).attempts, 0);
  EXPECT_EQ(Ask("SELECT count(*) FROM attempts"), 1);
  EXPECT_EQ(ledger.channels().Counts(kSlot, After(hours(1))).at("push").handed,
            1);
  EXPECT_EQ(Claim().size(), 2u);
}

class LedgerFairnessTest : public LedgerTest {
 protected:
  // Of each rule one a user, four at most.
  void Plan(const std::string& rule, int touches) {
    for (int i = 0; i < touches; ++i) {
      Touch touch = TouchOf(static_cast<UserNumber>(i));
      touch.rule_id = rule;
      touch.touch_id = IdOf(touch);
      Insert({touch});
    }
  }
  std::string ClaimRules(int limit) {
    std::string rules;
    for (const ClaimedTouch& touch : Claim(limit)) rules += touch.rule_id + ' ';
    return rules;
  }
};

TEST_F(LedgerFairnessTest, RulesTakeTurnsHoweverFewAreTaken) {
  live_rules = {"a", "b", "c"};
  Plan("a", 4);
  Plan("b", 4);
  Plan("c", 1);
  EXPECT_EQ(ClaimRules(1), "a ");
  EXPECT_EQ(ClaimRules(1), "b ");
  EXPECT_EQ(ClaimRules(1), "c ");
  EXPECT_EQ(ClaimRules(1), "a ");
  EXPECT_EQ(ClaimRules(3), "b b a ");
  EXPECT_EQ(ClaimRules(9), "b a ") << "all that is left";
  EXPECT_EQ(ClaimRules(9), "");
}

TEST_F(LedgerFairnessTest, OneUnreadableTextHoldsUpNobody) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  store.Write([](SQLite::Database& db) {
    db.exec("UPDATE touch_contents SET contents = '[' WHERE touch = 1");
  });
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "dropped unreadable");
  EXPECT_EQ(Fate(kBob), "claimed");
}

TEST_F(LedgerFairnessTest, ABadMessageGoesOnThroughTheNextChannel) {
  Touch touch = TouchOf(kAnna);
  touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Insert({touch});
  const AttemptResult result =
      ResultOf(Claim().at(0), TouchState::kFailed, "bad_message");
  ledger.Record({&result, 1}, kSlot);
  EXPECT_EQ(Fate(kAnna), "planned bad_message");
  EXPECT_EQ(RowOf(kAnna).channel, "mail");
}

TEST_F(LedgerFairnessTest, HoursAreTheUsers) {
  store.Write([&](SQLite::Database& db) {
    ASSERT_TRUE(users.UpdateProfile(
        db, kBob, R"({"time_zone":"America/New_York"})", settings.calendar));
  });
  Insert({TouchOf(kAnna), TouchOf(kBob)});  // 10:00 UTC, 05:00 in New York
  push.hours = DaySpan::Parse("08:00-21:00");
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Fate(kAnna), "claimed");
  EXPECT_EQ(RowOf(kBob).due_at, After(hours(3)));
}

TEST_F(LedgerFairnessTest, CostsAreKeptBySlot) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  std::vector<AttemptResult> results;
  for (const ClaimedTouch& touch : Claim()) {
    results.push_back(ResultOf(touch, TouchState::kAccepted));
    results.back().row = touch.row;
    results.back().cost = 50'000;
  }
  ledger.Record(results, kSlot);
  EXPECT_EQ(AskText("SELECT rule_id || ' ' || channel || ' ' || messages || "
                    "' ' || cost FROM slot_costs"),
            "wake push 2 100000");
}

}  // namespace
}  // namespace rekindle

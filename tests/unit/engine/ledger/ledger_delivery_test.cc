#include "tests/support/consent_answers.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::minutes;

class LedgerDeliveryTest : public LedgerTest {
 protected:
  void Record(const AttemptResult& result, Instant now) {
    ledger.Record(std::span(&result, 1), now);
  }
  bool IsSuppressed(const std::string& channel, const std::string& address) {
    return store.Read([&](SQLite::Database& db) {
      return testing::IsSuppressed(db, channel, address, "");
    });
  }
  int64_t Addresses() const {
    return Ask("SELECT count(*) FROM attempts WHERE address IS NOT NULL");
  }
  int64_t Texts() const { return Ask("SELECT count(*) FROM touch_contents"); }
};

TEST_F(LedgerDeliveryTest, AcceptedIsFinalAndErasesTextAndAddress) {
  Insert({TouchOf(kAnna)});
  AttemptResult result = ResultOf(Claim().at(0), TouchState::kAccepted);
  result.detail = "250 queued";
  result.provider_id = "m-1";
  EXPECT_EQ(Addresses(), 1);
  Record(result, After(minutes(1)));
  EXPECT_EQ(Fate(kAnna), "accepted");
  EXPECT_EQ(RowOf(kAnna).detail, "250 queued");
  EXPECT_EQ(Texts(), 0);
  EXPECT_EQ(Addresses(), 0);
  EXPECT_EQ(AskText("SELECT outcome || ' ' || provider_id || ' ' || "
                    "finished_at FROM attempts"),
            "accepted m-1 1772359260000");
}

TEST_F(LedgerDeliveryTest, FailedKeepsItsReason) {
  Insert({TouchOf(kAnna)});
  Record(ResultOf(Claim().at(0), TouchState::kFailed, "bad_message"), kSlot);
  EXPECT_EQ(Fate(kAnna), "failed bad_message");
  EXPECT_EQ(Texts(), 0);
  EXPECT_EQ(Addresses(), 0);
  EXPECT_FALSE(IsSuppressed("push", "t-anna"));
}

TEST_F(LedgerDeliveryTest, ADeadRecipientIsSuppressedInThatChannel) {
  Insert({TouchOf(kAnna)});
  Record(ResultOf(Claim().at(0), TouchState::kFailed, "dead_recipient"),
         After(minutes(1)));
  EXPECT_EQ(Fate(kAnna), "failed dead_recipient");
  EXPECT_TRUE(IsSuppressed("push", "t-anna"));
  EXPECT_FALSE(IsSuppressed("mail", "t-anna"));
  const auto entries =
      store.Read([](SQLite::Database& db) { return Consents::List(db); });
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].reason, "dead address");
  EXPECT_EQ(entries[0].at, After(minutes(1)));
  EXPECT_EQ(Addresses(), 0);
}

TEST_F(LedgerDeliveryTest, ADeadRecipientIsTriedThroughTheNextChannel) {
  Touch touch = TouchOf(kAnna);
  touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Insert({touch});
  Record(ResultOf(Claim().at(0), TouchState::kFailed, "dead_recipient"), kSlot);
  EXPECT_EQ(Fate(kAnna), "planned dead_recipient");
  EXPECT_TRUE(IsSuppressed("push", "t-anna"));
  const ClaimChannel mail{"mail", "email", false};
  const auto mailed = ledger.Claim(mail, facts, consents, live_rules, 10);
  ASSERT_EQ(mailed.size(), 1u);
  EXPECT_EQ(mailed[0].touch_id, touch.touch_id);
  EXPECT_EQ(mailed[0].attempt, 2);
  EXPECT_EQ(Ask("SELECT repeat FROM attempts WHERE attempt = 2"), 0);
  Record(ResultOf(mailed[0], TouchState::kFailed, "dead_recipient"), kSlot);
  EXPECT_EQ(Fate(kAnna), "failed dead_recipient");
  EXPECT_TRUE(IsSuppressed("mail", "anna@app.example"));
}

TEST_F(LedgerDeliveryTest, ARetryIsDueLaterWithItsNumber) {
  Insert({TouchOf(kAnna)});
  AttemptResult result =
      ResultOf(Claim().at(0), TouchState::kPlanned, "temporary");
  result.try_again_at = After(minutes(5));
  Record(result, After(minutes(1)));
  EXPECT_EQ(Fate(kAnna), "planned temporary");
  EXPECT_EQ(ledger.NextDue(), After(minutes(5)));
  EXPECT_EQ(Texts(), 1);
  facts.now = After(minutes(4));
  EXPECT_TRUE(Claim().empty());
  facts.now = After(minutes(5));
  const auto second = Claim();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_EQ(second[0].touch_id, result.touch_id);
  EXPECT_EQ(Ask("SELECT repeat FROM attempts WHERE attempt = 2"), 0);
}

TEST_F(LedgerDeliveryTest, UnknownKeepsTextAndAddressUntilItIsFinal) {
  push.deduplicates = true;
  Insert({TouchOf(kAnna)});
  Record(ResultOf(Claim().at(0), TouchState::kUnknown, "unknown"), kSlot);
  EXPECT_EQ(Fate(kAnna), "unknown unknown");
  EXPECT_EQ(Texts(), 1);
  EXPECT_EQ(Addresses(), 1);
  facts.now = After(minutes(1));
  Record(ResultOf(Claim().at(0), TouchState::kAccepted), After(minutes(1)));
  EXPECT_EQ(Fate(kAnna), "accepted");
  EXPECT_EQ(Texts(), 0);
  EXPECT_EQ(Addresses(), 0);
}

// A provider that is down says nothing of the attempt before: the touch is
// neither dropped nor sent through the next channel while that one may have
// arrived.
TEST_F(LedgerDeliveryTest, WhatMayHaveBeenSentStaysUnknownWithoutAClearAnswer) {
  push.deduplicates = true;
  Touch touch = TouchOf(kAnna);
  touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Insert({touch});
  Record(ResultOf(Claim().at(0), TouchState::kUnknown, "unknown"), kSlot);
  facts.now = After(minutes(1));
  AttemptResult down =
      ResultOf(Claim().at(0), TouchState::kPlanned, "temporary");
  down.try_again_at = After(minutes(5));
  Record(down, facts.now);
  EXPECT_EQ(Fate(kAnna), "unknown temporary");
  EXPECT_EQ(ledger.DropExpired("push", After(std::chrono::hours(25))), 0);
  facts.now = After(minutes(4));
  EXPECT_TRUE(Claim().empty());
  facts.now = After(minutes(5));
  auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_TRUE(claimed[0].repeat);
  ledger.Release(claimed, facts.now);
  EXPECT_EQ(Fate(kAnna), "unknown");
  claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  Record(ResultOf(claimed[0], TouchState::kFailed, "temporary"), facts.now);
  EXPECT_EQ(Fate(kAnna), "unknown temporary");
  EXPECT_EQ(RowOf(kAnna).channel, "push");
  EXPECT_EQ(Texts(), 1);
  EXPECT_TRUE(Claim().empty()) << "its tries are used up";
}

TEST_F(LedgerDeliveryTest, AClearAnswerTellsOfTheAttemptBeforeToo) {
  push.deduplicates = true;
  Touch touch = TouchOf(kAnna);
  touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Insert({touch});
  Record(ResultOf(Claim().at(0), TouchState::kUnknown, "unknown"), kSlot);
  facts.now = After(minutes(1));
  Record(ResultOf(Claim().at(0), TouchState::kFailed, "bad_message"),
         facts.now);
  EXPECT_EQ(Fate(kAnna), "planned bad_message");
  const ClaimChannel mail{"mail", "email", false};
  const auto mailed = ledger.Claim(mail, facts, consents, live_rules, 10);
  ASSERT_EQ(mailed.size(), 1u);
  Record(ResultOf(mailed[0], TouchState::kPlanned, "temporary"), facts.now);
  EXPECT_EQ(Fate(kAnna), "planned temporary");
}

TEST_F(LedgerDeliveryTest, ResultsOfTouchesNotUnderwayAreIgnored) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  const auto claimed = Claim(1);
  const AttemptResult accepted = ResultOf(claimed.at(0), TouchState::kAccepted);
  Record(accepted, kSlot);
  Record(ResultOf(claimed.at(0), TouchState::kFailed, "bad_message"), kSlot);
  AttemptResult never_claimed = accepted;
  never_claimed.touch_id = TouchOf(kBob).touch_id;
  Record(never_claimed, kSlot);
  EXPECT_EQ(Fate(kAnna), "accepted");
  EXPECT_EQ(Fate(kBob), "planned");
}

TEST_F(LedgerDeliveryTest, ManyResultsAreRecordedEachAsItIs) {
  Insert({TouchOf(kAnna), TouchOf(kBob), TouchOf(kCora), TouchOf(kDan)});
  const auto claimed = Claim();
  std::map<UserNumber, ClaimedTouch> of;
  for (const ClaimedTouch& touch : claimed) of[touch.user] = touch;
  const std::vector<AttemptResult> results = {
      ResultOf(of[kAnna], TouchState::kAccepted),
      ResultOf(of[kBob], TouchState::kFailed, "bad_message"),
      ResultOf(of[kCora], TouchState::kUnknown, "unknown"),
      ResultOf(of[kDan], TouchState::kAccepted),
      ResultOf(of[kAnna], TouchState::kFailed, "bad_message")};  // too late
  ledger.Record(results, kSlot);
  EXPECT_EQ(Fate(kAnna), "accepted");
  EXPECT_EQ(Fate(kBob), "failed bad_message");
  EXPECT_EQ(Fate(kCora), "unknown unknown");
  EXPECT_EQ(Fate(kDan), "accepted");
  EXPECT_EQ(Texts(), 1);
  EXPECT_EQ(Addresses(), 1);
  EXPECT_EQ(Ask("SELECT sum(touches) FROM channel_counts WHERE outcome <> "
                "'handed'"),
            4);
}

TEST_F(LedgerDeliveryTest, OnlyWhatIsClaimedIsInterrupted) {
  Insert({TouchOf(kAnna), TouchOf(kBob), TouchOf(kCora)});
  const auto claimed = Claim(2);
  Record(ResultOf(claimed.at(0), TouchState::kAccepted), kSlot);
  EXPECT_EQ(ledger.MarkInterrupted(After(minutes(1)), "another"), 0);
  EXPECT_EQ(ledger.MarkInterrupted(After(minutes(1)), "push"), 1);
  EXPECT_EQ(ledger.MarkInterrupted(After(minutes(1))), 0);
  EXPECT_EQ(ledger.CountByState(kRule, kSlot),
            (std::map<TouchState, int64_t>{{TouchState::kPlanned, 1},
                                           {TouchState::kAccepted, 1},
                                           {TouchState::kUnknown, 1}}));
}

}  // namespace
}  // namespace rekindle

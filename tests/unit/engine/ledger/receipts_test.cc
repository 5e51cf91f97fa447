#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "engine/ledger/receipt.h"
#include "engine/ledger/receipts_export.h"
#include "engine/links/link_store.h"
#include "tests/support/consent_answers.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

class ReceiptsTest : public LedgerTest {
 protected:
  ReceiptsTest() { push.address_field = "email"; }

  // A push touch to the user that the provider took as "p-<user>".
  std::string Sent(UserNumber user, const std::string& topic = "") {
    Touch touch = TouchOf(user);
    touch.topic = topic;
    Insert({touch});
    for (const ClaimedTouch& claimed : Claim()) {
      AttemptResult result = ResultOf(claimed, TouchState::kAccepted);
      result.provider_id = "p-" + std::string(users.IdOf(claimed.user));
      ledger.Record({&result, 1}, After(1s));
    }
    return touch.touch_id;
  }
  static Receipt ReceiptOf(const std::string& touch_id, ReceiptState state,
                           std::chrono::milliseconds after = 1min) {
    Receipt receipt;
    receipt.channel = "push";
    receipt.touch_id = touch_id;
    receipt.state = state;
    receipt.at = After(after);
    return receipt;
  }
  ReceiptFate Take(const Receipt& receipt) {
    return ledger.TakeReceipts({&receipt, 1}, After(1h)).front();
  }
  bool Suppressed(const std::string& address) {
    return store.Read([&](SQLite::Database& db) {
      return testing::IsSuppressed(db, "push", address, "");
    });
  }
  bool Granted(UserNumber user, const std::string& topic) {
    return store.Read([&](SQLite::Database& db) {
      return testing::Granted(db, consents, user, topic);
    });
  }
  void Profile(UserNumber user, const std::string& json) {
    store.Write([&](SQLite::Database& db) {
      ASSERT_TRUE(users.UpdateProfile(db, user, json, settings.calendar));
    });
  }
};

using S = ReceiptState;

TEST(StateAfter, IsWhatProvesMost) {
  struct Row {
    TouchState now;
    std::set<ReceiptState> known;
    TouchState after;
  };
  const Row rows[] = {
      {TouchState::kAccepted, {S::kDelivered}, TouchState::kDelivered},
      {TouchState::kAccepted,
       {S::kDelivered, S::kBounced},
       TouchState::kBounced},
      {TouchState::kAccepted, {S::kUndelivered}, TouchState::kBounced},
      {TouchState::kAccepted, {S::kOpened}, TouchState::kOpened},
      {TouchState::kAccepted, {S::kBounced, S::kOpened}, TouchState::kOpened},
      {TouchState::kAccepted, {S::kClicked, S::kOpened}, TouchState::kClicked},
      {TouchState::kAccepted, {S::kComplained}, TouchState::kDelivered},
      {TouchState::kAccepted, {S::kUnsubscribed}, TouchState::kDelivered},
      {TouchState::kAccepted, {S::kDeferred}, TouchState::kAccepted},
      {TouchState::kAccepted, {S::kAccepted}, TouchState::kAccepted},
      {TouchState::kUnknown, {S::kAccepted}, TouchState::kAccepted},
      {TouchState::kUnknown, {S::kDeferred}, TouchState::kUnknown},
      {TouchState::kPlanned, {S::kAccepted}, TouchState::kAccepted},
      {TouchState::kPlanned, {S::kDelivered}, TouchState::kDelivered},
      {TouchState::kFailed, {S::kBounced}, TouchState::kFailed},
      {TouchState::kFailed, {S::kAccepted}, TouchState::kFailed},
      {TouchState::kFailed, {S::kDelivered}, TouchState::kDelivered},
      {TouchState::kDropped, {S::kUndelivered}, TouchState::kDropped},
      {TouchState::kDelivered,
       {S::kDelivered, S::kBounced},
       TouchState::kBounced},
  };
  for (const Row& row : rows) {
    std::string known;
    for (const ReceiptState state : row.known) {
      known += ' ' + std::string(ReceiptStateName(state));
    }
    EXPECT_EQ(TouchStateName(StateAfter(row.now, row.known)),
              TouchStateName(row.after))
        << TouchStateName(row.now) << " +" << known;
  }
}

TEST(ReceiptStateWords, ReadAsTheyAreWritten) {
  for (const std::string& name : ReceiptStateNames()) {
    const auto state = ParseReceiptState(name);
    ASSERT_TRUE(state) << name;
    EXPECT_EQ(ReceiptStateName(*state), name);
  }
  EXPECT_EQ(ParseReceiptState("sent"), S::kAccepted);
  EXPECT_FALSE(ParseReceiptState("lost"));
}

TEST_F(ReceiptsTest, MovesTheTouchForwardOnly) {
  const std::string id = Sent(kAnna);
  EXPECT_EQ(Take(ReceiptOf(id, S::kOpened)), ReceiptFate::kTaken);
  EXPECT_EQ(Fate(kAnna), "opened");
  EXPECT_EQ(Take(ReceiptOf(id, S::kDelivered)), ReceiptFate::kTaken);
  EXPECT_EQ(Fate(kAnna), "opened");
  EXPECT_EQ(Take(ReceiptOf(id, S::kOpened)), ReceiptFate::kRepeated);
  EXPECT_EQ(Take(ReceiptOf(id, S::kClicked)), ReceiptFate::kTaken);
  EXPECT_EQ(Fate(kAnna), "clicked");
}

TEST_F(ReceiptsTest, IsFoundByTheProvidersIdInItsChannelOnly) {
  Sent(kAnna);
  Receipt receipt = ReceiptOf("", S::kDelivered);
  receipt.provider_id = "p-anna";
  receipt.channel = "mail";
  EXPECT_EQ(Take(receipt), ReceiptFate::kUnknown);
  receipt.channel = "push";
  EXPECT_EQ(Take(receipt), ReceiptFate::kTaken);
  EXPECT_EQ(Fate(kAnna), "delivered");
}

TEST_F(ReceiptsTest, OfAnotherChannelsTouchIsKeptAndChangesNothing) {
  const std::string id = Sent(kAnna);
  Receipt receipt = ReceiptOf(id, S::kBounced);
  receipt.channel = "mail";
  EXPECT_EQ(Take(receipt), ReceiptFate::kUnknown);
  EXPECT_EQ(Fate(kAnna), "accepted");
  EXPECT_EQ(ledger.CountKeptReceipts(), 1);
}

TEST_F(ReceiptsTest, OfATouchThatNeverLeftChangesNothing) {
  Touch waiting = TouchOf(kAnna);
  waiting.due_at = After(1h);
  Touch held_out = TouchOf(kBob);
  held_out.arm = Arm::kHeldOut;
  Insert({waiting, held_out});
  EXPECT_EQ(Take(ReceiptOf(waiting.touch_id, S::kClicked)),
            ReceiptFate::kNotSent);
  EXPECT_EQ(Take(ReceiptOf(held_out.touch_id, S::kClicked)),
            ReceiptFate::kNotSent);
  EXPECT_EQ(Fate(kAnna), "planned");
  EXPECT_EQ(Fate(kBob), "held_out");
}

TEST_F(ReceiptsTest, QuickerThanTheAnswerWaitsForIt) {
  Insert({TouchOf(kAnna)});
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(Take(ReceiptOf(claimed[0].touch_id, S::kDelivered)),
            ReceiptFate::kTaken);
  EXPECT_EQ(Fate(kAnna), "claimed");
  AttemptResult result = ResultOf(claimed[0], TouchState::kAccepted);
  ledger.Record({&result, 1}, After(1s));
  EXPECT_EQ(Fate(kAnna), "delivered");
}

TEST_F(ReceiptsTest, OfAnIdNotKnownYetIsTakenWithTheAnswer) {
  Insert({TouchOf(kAnna)});
  const auto claimed = Claim();
  Receipt receipt = ReceiptOf("", S::kBounced);
  receipt.provider_id = "p-9";
  EXPECT_EQ(Take(receipt), ReceiptFate::kUnknown);
  EXPECT_EQ(ledger.CountKeptReceipts(), 1);
  AttemptResult result = ResultOf(claimed.at(0), TouchState::kAccepted);
  result.provider_id = "p-9";
  ledger.Record({&result, 1}, After(1s));
  EXPECT_EQ(Fate(kAnna), "bounced dead_recipient");
  EXPECT_EQ(ledger.CountKeptReceipts(), 0);
  EXPECT_TRUE(Suppressed("anna@app.example"));
}

TEST_F(ReceiptsTest, DecideWhatACrashLeftOpen) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 2u);
  Take(ReceiptOf(claimed[0].touch_id, S::kAccepted));
  ledger.MarkInterrupted(After(1min));
  EXPECT_EQ(Fate(claimed[0].user), "accepted");
  EXPECT_EQ(Fate(claimed[1].user), "unknown interrupted");
  Take(ReceiptOf(claimed[1].touch_id, S::kDelivered));
  EXPECT_EQ(Fate(claimed[1].user), "delivered");
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 0);
}

// Its address is erased like that of any other, and found by its hash.
TEST_F(ReceiptsTest, AComplaintFindsTheAddressThatACrashLeftOpen) {
  Insert({TouchOf(kAnna)});
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  ledger.MarkInterrupted(After(1min));
  Take(ReceiptOf(claimed[0].touch_id, S::kDelivered));
  EXPECT_EQ(Fate(kAnna), "delivered");
  EXPECT_EQ(Ask("SELECT count(*) FROM attempts WHERE address IS NOT NULL"), 0);
  Take(ReceiptOf(claimed[0].touch_id, S::kComplained));
  EXPECT_TRUE(Suppressed("anna@app.example"));
}

TEST_F(ReceiptsTest, APutBackTouchThatArrivedIsNotSentAgain) {
  Insert({TouchOf(kAnna)});
  const auto claimed = Claim();
  AttemptResult result =
      ResultOf(claimed.at(0), TouchState::kPlanned, "temporary");
  result.try_again_at = After(1s);
  ledger.Record({&result, 1}, After(1s));
  Take(ReceiptOf(claimed[0].touch_id, S::kDelivered));
  facts.now = After(1min);
  EXPECT_TRUE(Claim().empty());
  EXPECT_EQ(Fate(kAnna), "delivered");
}

TEST_F(ReceiptsTest, WhatArrivedGoesThroughNoFurtherChannel) {
  Touch touch = TouchOf(kAnna);
  touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Insert({touch});
  const auto claimed = Claim();
  Take(ReceiptOf(touch.touch_id, S::kDelivered));
  AttemptResult result =
      ResultOf(claimed.at(0), TouchState::kFailed, "temporary");
  ledger.Record({&result, 1}, After(1s));
  EXPECT_EQ(Fate(kAnna), "delivered");
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 0);
}

TEST_F(ReceiptsTest, WhatOneChannelLostTheNextMayStillBring) {
  Touch touch = TouchOf(kAnna);
  touch.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Insert({touch});
  const auto claimed = Claim();
  Take(ReceiptOf(touch.touch_id, S::kUndelivered));
  AttemptResult result =
      ResultOf(claimed.at(0), TouchState::kFailed, "bad_message");
  ledger.Record({&result, 1}, After(1s));
  EXPECT_EQ(Fate(kAnna), "planned bad_message");
  Take(ReceiptOf(touch.touch_id, S::kBounced));
  EXPECT_EQ(Fate(kAnna), "planned bad_message");
  facts.now = After(1min);
  const ClaimChannel mail{"mail", "email", false};
  const auto mailed = ledger.Claim(mail, facts, consents, live_rules, 10);
  ASSERT_EQ(mailed.size(), 1u);
  result = ResultOf(mailed[0], TouchState::kAccepted);
  ledger.Record({&result, 1}, After(1min));
  EXPECT_EQ(Fate(kAnna), "accepted");
  EXPECT_EQ(Take(ReceiptOf(touch.touch_id, S::kUndelivered)),
            ReceiptFate::kRepeated);
  EXPECT_EQ(Fate(kAnna), "accepted");
  Receipt of_mail = ReceiptOf(touch.touch_id, S::kUndelivered);
  of_mail.channel = "mail";
  EXPECT_EQ(Take(of_mail), ReceiptFate::kTaken);
  EXPECT_EQ(Fate(kAnna), "bounced");
}

TEST_F(ReceiptsTest, ABounceForAnOldAddressSparesTheNewOne) {
  const std::string id = Sent(kAnna);
  // Anna has moved; the ledger keeps no address, the bounce names none.
  Receipt bounce = ReceiptOf(id, S::kBounced);
  bounce.code = "5.1.1";
  Profile(kAnna, R"({"email":"new@app.example"})");
  Take(bounce);
  EXPECT_FALSE(Suppressed("new@app.example"));
  EXPECT_EQ(Ask("SELECT count(*) FROM suppressions"), 0);
}

TEST_F(ReceiptsTest, ABounceThatNamesTheOldAddressSuppressesThatOne) {
  const std::string id = Sent(kAnna);
  Profile(kAnna, R"({"email":"new@app.example"})");
  Receipt bounce = ReceiptOf(id, S::kBounced);
  bounce.recipient = "ANNA@app.example";
  bounce.code = "5.1.1";
  Take(bounce);
  EXPECT_FALSE(Suppressed("new@app.example"));
  EXPECT_TRUE(Suppressed("anna@app.example"));
  EXPECT_EQ(AskText("SELECT reason FROM suppressions"), "bounced 5.1.1");
  EXPECT_EQ(Ask("SELECT at FROM suppressions"), ToMillis(After(1min)));
}

TEST_F(ReceiptsTest, ABounceThatNamesAnotherMailboxSuppressesOurs) {
  const std::string id = Sent(kAnna);
  Receipt bounce = ReceiptOf(id, S::kBounced);
  bounce.recipient = "forwarded@elsewhere.example";
  Take(bounce);
  EXPECT_TRUE(Suppressed("anna@app.example"));
  EXPECT_FALSE(Suppressed("forwarded@elsewhere.example"));
}

TEST_F(ReceiptsTest, WhatDidNotArriveSaysNothingAgainstTheAddress) {
  const std::string id = Sent(kAnna);
  Take(ReceiptOf(id, S::kUndelivered));
  EXPECT_EQ(Fate(kAnna), "bounced");
  EXPECT_FALSE(Suppressed("anna@app.example"));
}

TEST_F(ReceiptsTest, AComplaintEndsTheChannelForTheUser) {
  const std::string id = Sent(kAnna, "offers");
  Take(ReceiptOf(id, S::kComplained));
  EXPECT_TRUE(Suppressed("anna@app.example"));
  EXPECT_FALSE(Granted(kAnna, "push"));
  EXPECT_TRUE(Granted(kAnna, "offers"));
  EXPECT_EQ(AskText("SELECT reason FROM suppressions"), "complained");
}

TEST_F(ReceiptsTest, AnUnsubscriptionRefusesTheTopicOrTheChannel) {
  const std::string of_topic = Sent(kAnna, "offers");
  Take(ReceiptOf(of_topic, S::kUnsubscribed));
  EXPECT_FALSE(Granted(kAnna, "offers"));
  EXPECT_TRUE(Granted(kAnna, "push"));

  const std::string of_none = Sent(kBob);
  Take(ReceiptOf(of_none, S::kUnsubscribed));
  EXPECT_FALSE(Granted(kBob, "push"));

  Receipt all = ReceiptOf(Sent(kCora, "offers"), S::kUnsubscribed);
  all.whole_channel = true;
  Take(all);
  EXPECT_FALSE(Granted(kCora, "push"));
}

TEST_F(ReceiptsTest, ARepeatedUnsubscriptionDoesNotUndoANewConsent) {
  const std::string id = Sent(kAnna, "offers");
  Take(ReceiptOf(id, S::kUnsubscribed));
  store.Write(
      [&](SQLite::Database& db) { Consents::Set(db, kAnna, "offers", true); });
  EXPECT_EQ(Take(ReceiptOf(id, S::kUnsubscribed)), ReceiptFate::kRepeated);
  EXPECT_TRUE(Granted(kAnna, "offers"));
}

TEST_F(ReceiptsTest, WhatTheUserAsksForInPersonHoldsHoweverOften) {
  const std::string id = Sent(kAnna, "offers");
  Receipt asked = ReceiptOf(id, S::kUnsubscribed);
  asked.in_person = true;
  EXPECT_EQ(Take(asked), ReceiptFate::kTaken);
  EXPECT_TRUE(Granted(kAnna, "push"));
  asked.whole_channel = true;
  EXPECT_EQ(Take(asked), ReceiptFate::kRepeated);
  EXPECT_FALSE(Granted(kAnna, "push"));

  store.Write(
      [&](SQLite::Database& db) { Consents::Set(db, kAnna, "offers", true); });
  asked.whole_channel = false;
  Take(asked);
  EXPECT_FALSE(Granted(kAnna, "offers"));
}

TEST_F(ReceiptsTest, ADeadAddressGivesWayToTheUsersNextOne) {
  push.address_field = "push_token";
  Profile(kAnna, R"({"push_token":["t-1","t-2"]})");
  Insert({TouchOf(kAnna)});
  auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].address, "t-1");
  AttemptResult dead =
      ResultOf(claimed[0], TouchState::kFailed, "dead_recipient");
  ledger.Record({&dead, 1}, After(0s));
  EXPECT_EQ(Fate(kAnna), "planned dead_recipient");
  EXPECT_TRUE(Suppressed("t-1"));
  facts.now = After(1s);
  claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].address, "t-2");
  dead = ResultOf(claimed[0], TouchState::kFailed, "dead_recipient");
  ledger.Record({&dead, 1}, After(1s));
  EXPECT_EQ(Fate(kAnna), "failed dead_recipient");
}

TEST_F(ReceiptsTest, NothingGoesToAnAddressTheUserMovedAwayFrom) {
  Insert({TouchOf(kAnna)});
  Profile(kAnna, R"({"email":"new@app.example"})");
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].address, "new@app.example");
}

TEST_F(ReceiptsTest, ErasureLeavesNothingOfThem) {
  Touch touch = TouchOf(kAnna);
  touch.links = {"https://app.example/anna", "https://app.example/"};
  Touch other = TouchOf(kBob);
  other.links = {"https://app.example/"};
  Insert({touch, other});
  for (const ClaimedTouch& claimed : Claim()) {
    AttemptResult result = ResultOf(claimed, TouchState::kAccepted);
    ledger.Record({&result, 1}, After(1s));
  }
  Take(ReceiptOf(touch.touch_id, S::kClicked));
  Receipt kept = ReceiptOf("gone", S::kBounced);
  kept.recipient = "Anna@app.example";
  Take(kept);
  kept.recipient = "bob@app.example";
  kept.touch_id = "gone too";
  Take(kept);

  store.Write([&](SQLite::Database& db) { ledger.EraseUser(db, kAnna); });
  EXPECT_EQ(Ask("SELECT count(*) FROM receipts"), 0);
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_links"), 1);
  EXPECT_EQ(AskText("SELECT group_concat(url) FROM link_targets"),
            "https://app.example/");
  EXPECT_EQ(AskText("SELECT group_concat(recipient) FROM kept_receipts"),
            "bob@app.example");
}

TEST_F(ReceiptsTest, AreExportedByTouchUnknownOnesLast) {
  const std::string id = Sent(kAnna);
  Take(ReceiptOf(id, S::kDelivered));
  Take(ReceiptOf(id, S::kBounced, 2min));
  Take(ReceiptOf("nobody", S::kOpened));
  std::ostringstream out;
  auto sink = MakeRowSink(RowFormat::kCsv, out);
  ExportReceipts(store, Calendar::Utc(), After(1h), *sink);
  EXPECT_EQ(
      out.str(),
      "touch_id,channel,state,at,received_at,provider_id,code,detail,"
      "known\n" +
          id +
          ",push,bounced,2026-03-01T10:02:00+00:00,2026-03-01T11:00:00+00:00,"
          "p-anna,,,true\n" +
          id +
          ",push,delivered,2026-03-01T10:01:00+00:00,2026-03-01T11:00:00+00:00,"
          "p-anna,,,true\n"
          "nobody,push,opened,2026-03-01T10:01:00+00:00,2026-03-01T11:00:00+00:"
          "00,"
          ",,,false\n");
}

// The reference: what a list of receipts means, taken all at once.
struct Expected {
  std::string state;
  bool suppressed = false;
  bool topic_refused = false;
  bool channel_refused = false;
  bool operator==(const Expected&) const = default;
};

Expected ReferenceOf(const std::vector<Receipt>& receipts) {
  const auto any = [&](std::initializer_list<ReceiptState> states) {
    return std::any_of(receipts.begin(), receipts.end(), [&](const auto& r) {
      return std::count(states.begin(), states.end(), r.state) > 0;
    });
  };
  Expected expected{"accepted"};
  if (any({S::kDelivered, S::kComplained, S::kUnsubscribed})) {
    expected.state = "delivered";
  }
  if (any({S::kUndelivered})) expected.state = "bounced";
  if (any({S::kBounced})) expected.state = "bounced dead_recipient";
  if (any({S::kOpened})) expected.state = "opened";
  if (any({S::kClicked})) expected.state = "clicked";
  expected.suppressed = any({S::kBounced, S::kComplained});
  expected.topic_refused = any({S::kUnsubscribed});
  expected.channel_refused = any({S::kComplained});
  return expected;
}

TEST_F(ReceiptsTest, AnyOrderAndAnyRepetitionEndsAlike) {
  std::mt19937 random(20260301);
  const auto draw = [&](int n) {
    return static_cast<int>(random() % static_cast<unsigned>(n));
  };
  for (int round = 0; round < 200; ++round) {
    std::string trace = "round " + std::to_string(round) + ":";
    Touch touch = TouchOf(kAnna, After(std::chrono::hours(24 * round)));
    touch.topic = "offers";
    Insert({touch});
    facts.now = touch.due_at;
    const auto claimed = Claim();
    ASSERT_EQ(claimed.size(), 1u);
    std::vector<Receipt> receipts;
    for (int n = draw(6); n > 0; --n) {
      receipts.push_back(ReceiptOf("", static_cast<ReceiptState>(draw(9)),
                                   std::chrono::hours(draw(9))));
      // By either id, or both.
      const int named = draw(3);
      if (named != 1) receipts.back().touch_id = touch.touch_id;
      if (named != 0) {
        receipts.back().provider_id = "p" + std::to_string(round);
      }
      trace += ' ' + std::string(ReceiptStateName(receipts.back().state));
    }
    const Expected expected = ReferenceOf(receipts);
    for (int n = draw(4); n > 0 && !receipts.empty(); --n) {
      receipts.push_back(receipts[draw(static_cast<int>(receipts.size()))]);
    }
    std::shuffle(receipts.begin(), receipts.end(), random);
    // Somewhere between them the provider's answer is recorded.
    const int answered = draw(static_cast<int>(receipts.size()) + 1);
    for (int i = 0; i <= static_cast<int>(receipts.size()); ++i) {
      if (i == answered) {
        AttemptResult result = ResultOf(claimed[0], TouchState::kAccepted);
        result.provider_id = "p" + std::to_string(round);
        ledger.Record({&result, 1}, After(1s));
        trace += " | answered before " + std::to_string(i);
      }
      if (i < static_cast<int>(receipts.size())) Take(receipts[i]);
    }
    const Expected found{Fate(kAnna), Suppressed("anna@app.example"),
                         !Granted(kAnna, "offers"), !Granted(kAnna, "push")};
    EXPECT_EQ(found, expected)
        << trace << ": " << found.state << " for " << expected.state;
    EXPECT_EQ(ledger.CountKeptReceipts(), 0) << trace;
    store.Write([&](SQLite::Database& db) {
      ledger.EraseUser(db, kAnna);
      db.exec("DELETE FROM suppressions; DELETE FROM consents");
    });
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace rekindle

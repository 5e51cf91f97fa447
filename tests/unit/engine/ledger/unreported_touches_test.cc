#include "engine/ledger/unreported_touches.h"

#include "engine/ledger/receipt_writer.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

class UnreportedTouchesTest : public LedgerTest {
 protected:
  void Send(std::initializer_list<UserNumber> to, TouchState state) {
    std::vector<Touch> touches;
    for (const UserNumber user : to) touches.push_back(TouchOf(user));
    Insert(touches);
    for (const ClaimedTouch& touch : Claim()) {
      AttemptResult result = ResultOf(touch, state);
      result.provider_id = "p-" + touch.user_id;
      ledger.Record({&result, 1}, After(1min));
    }
  }
  void Report(UserNumber user, ReceiptState state) {
    Receipt receipt;
    receipt.channel = "push";
    receipt.touch_id = RowOf(user).touch_id;
    receipt.state = state;
    receipt.at = After(2min);
    ledger.TakeReceipts({&receipt, 1}, After(2min));
  }
  // Their provider ids, and where the next time begins.
  std::string All(Instant from = kSlot, const std::string& channel = "push",
                  size_t limit = 100) {
    UnreportedTouches touches(store, channel, from);
    std::string text;
    for (int64_t at = touches.begin(); !touches.done(at);) {
      for (const auto& touch :
           touches.Next(&at, limit, [](const auto&) { return true; })) {
        text += touch.provider_id + " ";
      }
    }
    return text + "| " + std::to_string(touches.next_begin());
  }
};

TEST_F(UnreportedTouchesTest, AreThoseThatLeftAndHaveNoFinalReceipt) {
  EXPECT_EQ(All(), "| 1");
  Send({kAnna, kBob, kCora}, TouchState::kAccepted);
  Insert({TouchOf(kDan)});  // planned
  EXPECT_EQ(All(), "p-anna p-bob p-cora | 1");
  EXPECT_EQ(All(kSlot, "push", 1), "p-anna p-bob p-cora | 1");
  EXPECT_EQ(All(kSlot, "mail"), "| 4") << "another channel's";
  Report(kAnna, ReceiptState::kDelivered);
  Report(kBob, ReceiptState::kDeferred);
  EXPECT_EQ(All(), "p-bob p-cora | 2");
  Report(kBob, ReceiptState::kBounced);
  Report(kCora, ReceiptState::kUndelivered);
  EXPECT_EQ(All(), "| 4") << "the planned one may leave yet";
}

TEST_F(UnreportedTouchesTest, KnowWhatTheTouchWentToAndWhen) {
  Send({kBob}, TouchState::kUnknown);
  UnreportedTouches touches(store, "push", kSlot);
  int64_t at = touches.begin();
  const auto found = touches.Next(&at, 10, [](const auto&) { return true; });
  ASSERT_EQ(found.size(), 1u) << "what may have been sent is asked about too";
  EXPECT_EQ(found[0].touch_id, RowOf(kBob).touch_id);
  EXPECT_EQ(found[0].rule_id, kRule);
  EXPECT_EQ(found[0].user, kBob);
  EXPECT_EQ(found[0].sent_at, After(1min));
  EXPECT_EQ(found[0].address_hash, AddressHash(ledger.key(), "t-bob"));
  EXPECT_TRUE(touches.done(at));
}

// Where the process ended before the answer.
TEST_F(UnreportedTouchesTest, KnowWhatAnInterruptedOneWentTo) {
  Insert({TouchOf(kBob)});
  Claim();
  ledger.MarkInterrupted(After(1min));
  UnreportedTouches touches(store, "push", kSlot);
  int64_t at = touches.begin();
  const auto found = touches.Next(&at, 10, [](const auto&) { return true; });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].address_hash, AddressHash(ledger.key(), "t-bob"));
}

TEST_F(UnreportedTouchesTest, AreGivenUpByTheTimeTheyLeft) {
  Send({kAnna, kBob}, TouchState::kAccepted);
  EXPECT_EQ(All(After(1min)), "p-anna p-bob | 1");
  EXPECT_EQ(All(After(2min)), "| 3");
}

}  // namespace
}  // namespace rekindle

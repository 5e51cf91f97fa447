// Tests engine/oversight/notices.cc: once a slot and cause, one message for
// what is due together, and nothing doubled by a crash.
#include <gtest/gtest.h>

#include "config/base/words.h"
#include "engine/oversight/notices.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::minutes;

class NoticesTest : public LedgerTest {
 protected:
  void Add(const std::string& cause, const NoticeReceiver& to = {"ops", ""},
           Instant slot = kSlot) {
    store.Write([&](SQLite::Database& db) {
      Notices::Add(db, kRule, slot, cause, to, kSlot);
    });
  }
  std::vector<Notice> Claim(Instant now = kSlot) {
    return store.Write(
        [&](SQLite::Database& db) { return Notices::Claim(db, "ops", now); });
  }
  void Record(const Notice& notice, NoticeState state, Instant next = kSlot) {
    store.Write([&](SQLite::Database& db) {
      Notices::Record(db, notice, state, "answer", next);
    });
  }
  std::map<NoticeState, int64_t> Counts() {
    return store.Read(
        [](SQLite::Database& db) { return Notices::CountByState(db); });
  }
};

TEST_F(NoticesTest, CausesOfOneSlotGoOutAsOneMessageOnce) {
  Add("failed");
  Add("blast_guard");
  Add("failed");
  Add("failed", {"ops", "b@c.example"});
  Add("failed", {"ops", ""}, kSlot + minutes(1));
  Add("failed", {"other", ""});
  const auto due = Claim();
  ASSERT_EQ(due.size(), 3u);
  EXPECT_EQ(Join(due[0].causes, ","), "blast_guard,failed");
  EXPECT_EQ(due[1].to.address, "b@c.example");
  EXPECT_EQ(due[2].slot, kSlot + minutes(1));
  EXPECT_TRUE(Claim().empty()) << "under way";
  for (const Notice& notice : due) Record(notice, NoticeState::kSent);
  Add("failed");
  EXPECT_TRUE(Claim().empty()) << "told already";
  EXPECT_EQ(Counts(),
            (std::map<NoticeState, int64_t>{{NoticeState::kWaiting, 1},
                                            {NoticeState::kSent, 4}}));
}

TEST_F(NoticesTest, ATemporaryFailureIsTriedAgainWhenItIsTime) {
  Add("failed");
  const auto first = Claim();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].attempt, 1);
  Record(first[0], NoticeState::kWaiting, kSlot + minutes(2));
  // What arises meanwhile is a message of its own: the other may have left.
  Add("harms");
  const auto other = Claim(kSlot + minutes(2));
  ASSERT_EQ(other.size(), 2u);
  EXPECT_EQ(other[0].causes, std::vector<std::string>{"harms"});
  EXPECT_EQ(other[1].attempt, 2);
}

TEST_F(NoticesTest, WhatACrashLeftIsRepeatedOnlyWhereRepeatsAreDropped) {
  for (bool deduplicates : {true, false}) {
    Add(deduplicates ? "failed" : "harms");
    ASSERT_EQ(Claim().size(), 1u);
    store.Write([&](SQLite::Database& db) {
      Notices::ResolveInterrupted(db, "ops", deduplicates);
    });
    EXPECT_EQ(Claim().size(), deduplicates ? 1u : 0u);
    store.Write([&](SQLite::Database& db) {
      db.exec("UPDATE notices SET state = 'sent' WHERE state = 'sending'");
    });
  }
  EXPECT_EQ(Counts(),
            (std::map<NoticeState, int64_t>{{NoticeState::kSent, 1},
                                            {NoticeState::kUnknown, 1}}));
}

}  // namespace
}  // namespace rekindle

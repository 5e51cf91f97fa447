// Tests engine/oversight/notices.cc: once a slot and cause, one message for
// what is due together, nothing doubled by a crash; and of a channel what
// differs from the last.
#include <gtest/gtest.h>

#include "config/base/words.h"
#include "engine/oversight/notices.h"
#include "engine/store_schema.h"
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
  void AddOfChannel(const std::string& standing, Instant now = kSlot,
                    const NoticeReceiver& to = {"ops", ""}) {
    store.Write([&](SQLite::Database& db) {
      Notices::AddOfChannel(db, "out", standing, "why", to, now);
    });
  }
  std::string LastOfChannel(const std::string& channel = "out",
                            const NoticeReceiver& to = {"ops", ""}) {
    return store.Read([&](SQLite::Database& db) {
      return Notices::LastOfChannel(db, channel, to);
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

TEST_F(NoticesTest, AChannelsStandingIsPutDownWhenItChanges) {
  EXPECT_EQ(LastOfChannel(), "");
  AddOfChannel("stopped");
  AddOfChannel("stopped", kSlot + minutes(9));
  EXPECT_EQ(LastOfChannel(), "stopped");
  EXPECT_EQ(LastOfChannel("other"), "");
  const auto due = Claim();
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].rule_id, "");
  EXPECT_EQ(due[0].about_channel, "out");
  EXPECT_EQ(due[0].causes, std::vector<std::string>{"stopped"});
  EXPECT_EQ(due[0].why, "why");
  Record(due[0], NoticeState::kSent);
  AddOfChannel("stopped");
  EXPECT_TRUE(Claim().empty()) << "told already";
  AddOfChannel("works_again");
  AddOfChannel("stopped");
  EXPECT_EQ(Counts(),
            (std::map<NoticeState, int64_t>{{NoticeState::kWaiting, 2},
                                            {NoticeState::kSent, 1}}));
}

TEST_F(NoticesTest, TheLastOfAChannelStaysThatAfterTheClockWasSetBack) {
  AddOfChannel("stopped", kSlot + minutes(60));
  AddOfChannel("works_again");
  EXPECT_EQ(LastOfChannel(), "works_again");
  AddOfChannel("works_again");
  EXPECT_EQ(Counts(),
            (std::map<NoticeState, int64_t>{{NoticeState::kWaiting, 2}}));
}

TEST_F(NoticesTest, OfAChannelIsToldInTheOrderInWhichItCame) {
  AddOfChannel("stopped");
  AddOfChannel("works_again", kSlot + minutes(1));
  Add("failed");
  const Instant later = kSlot + minutes(3);
  const auto first = Claim(later);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].causes[0], "stopped");
  EXPECT_EQ(first[1].causes[0], "failed");
  Record(first[0], NoticeState::kWaiting, kSlot + minutes(5));
  EXPECT_TRUE(Claim(later).empty()) << "one from before still waits";
  const auto again = Claim(kSlot + minutes(5));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].attempt, 2);
  Record(again[0], NoticeState::kFailed);
  const auto second = Claim(kSlot + minutes(5));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].causes[0], "works_again");
}

TEST_F(NoticesTest, WhatNobodyElseWasToldIsNewToAnotherReceiver) {
  const NoticeReceiver other{"other", ""};
  AddOfChannel("stopped");
  EXPECT_EQ(LastOfChannel("out", other), "");
  AddOfChannel("stopped", kSlot + minutes(1), other);
  EXPECT_EQ(LastOfChannel("out", other), "stopped");
  EXPECT_TRUE(Claim(kSlot + minutes(1)).empty()) << "given up";
  EXPECT_EQ(Counts(),
            (std::map<NoticeState, int64_t>{{NoticeState::kWaiting, 1},
                                            {NoticeState::kFailed, 1}}));
}

TEST_F(NoticesTest, WhatWasToldIsToldWhoeverIsToBeToldNow) {
  AddOfChannel("stopped");
  Record(Claim().at(0), NoticeState::kSent);
  AddOfChannel("stopped", kSlot + minutes(1), {"other", ""});
  EXPECT_EQ(Counts(),
            (std::map<NoticeState, int64_t>{{NoticeState::kSent, 1}}));
}

TEST_F(NoticesTest, OldNewsOfAChannelIsGivenUp) {
  Add("failed");
  AddOfChannel("stopped");
  AddOfChannel("works_again", kSlot + minutes(30));
  const auto due = Claim(kSlot + minutes(61));
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].causes[0], "works_again");
  EXPECT_EQ(due[1].causes[0], "failed") << "of a slot, which stays true";
}

TEST(NoticesSchema, WhatAStoreFromBeforeHadIsKept) {
  testing::TempDir dir;
  {
    Store before(dir / "store.db", StoreMigrations().first(6));
    before.Write([](SQLite::Database& db) {
      db.exec(
          "INSERT INTO notices (rule_id, slot, cause, channel, address, state, "
          "at, attempts, next_at, detail) VALUES "
          "('wake', 1, 'failed', 'ops', 'a@b.example', 'waiting', 2, 3, 4, ''),"
          "('wake', 1, 'harms', 'ops', '', 'sent', 2, 1, 4, 'answer')");
    });
  }
  Store store(dir / "store.db", StoreMigrations());
  const auto due = store.Write([](SQLite::Database& db) {
    EXPECT_TRUE(Notices::Has(db, "wake", FromMillis(1), "harms"));
    return Notices::Claim(db, "ops", FromMillis(4));
  });
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].rule_id, "wake");
  EXPECT_EQ(due[0].about_channel, "");
  EXPECT_EQ(due[0].slot, FromMillis(1));
  EXPECT_EQ(due[0].to.address, "a@b.example");
  EXPECT_EQ(due[0].causes, std::vector<std::string>{"failed"});
  EXPECT_EQ(due[0].at, FromMillis(2));
  EXPECT_EQ(due[0].attempt, 4);
}

}  // namespace
}  // namespace rekindle

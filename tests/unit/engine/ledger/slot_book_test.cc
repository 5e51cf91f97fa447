#include "engine/ledger/slot_book.h"

#include <gmock/gmock.h>

#include "engine/store/packed.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SlotBookTest : public LedgerTest {
 protected:
  SlotRow Open(Instant slot, const std::string& version, Instant now) {
    return store.Write([&](SQLite::Database& db) {
      return SlotBook::Open(db, kRule, slot, version, now);
    });
  }
  void Finish(const SlotRow& slot, Instant now,
              const std::map<std::string, UserSet>& skipped) {
    store.Write([&](SQLite::Database& db) {
      SlotBook::Finish(db, slot, now, skipped);
    });
  }
  static UserSet SetOf(std::vector<UserNumber> members) {
    UserSet users;
    for (UserNumber user : members) users.Add(user);
    return users;
  }

  SlotBook& slots = ledger.slots();
};

TEST_F(SlotBookTest, OpensFinishesAndReadsBack) {
  EXPECT_FALSE(slots.Find(kRule, kSlot));
  SlotRow slot = Open(kSlot, "v1", After(minutes(1)));
  EXPECT_EQ(slot.state, SlotState::kOpen);
  EXPECT_EQ(slot.opened_at, After(minutes(1)));

  Touch held = TouchOf(kBob);
  held.arm = Arm::kHeldOut;
  Insert({TouchOf(kAnna), held});
  slot.matched = 4;
  Finish(slot, After(minutes(2)),
         {{"capped", SetOf({kCora})}, {"no_address", SetOf({kDan})}});

  const auto found = slots.Find(kRule, kSlot);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, SlotState::kDone);
  EXPECT_EQ(found->rule_version, "v1");
  EXPECT_EQ(found->done_at, After(minutes(2)));
  EXPECT_EQ(found->matched, 4);
  EXPECT_EQ(found->treated, 1);
  EXPECT_EQ(found->held_out, 1);
  EXPECT_EQ(found->skipped,
            (std::map<std::string, int64_t>{{"capped", 1}, {"no_address", 1}}));
}

TEST_F(SlotBookTest, SaysWhyAUserWasLeftOut) {
  const auto left_out = [&](UserNumber user, int64_t newest,
                            std::optional<std::string> rule = {}) {
    std::vector<std::string> found;
    for (const SkipRow& skip :
         slots.SkipsOf(users.NumbersOf(user), rule, newest)) {
      EXPECT_EQ(skip.rule_id, kRule);
      found.push_back(std::to_string((skip.slot - kSlot) / hours(24)) + " " +
                      skip.reason);
    }
    return found;
  };
  Finish(Open(kSlot, "v1", kSlot), kSlot,
         {{"capped", SetOf({kCora})}, {"no_address", SetOf({kDan})}});
  const Instant next = After(hours(24));
  Finish(Open(next, "v1", next), next,
         {{"repeat", SetOf({kCora})}, {"capped", SetOf({kBob})}});
  EXPECT_THAT(left_out(kCora, 10), ElementsAre("1 repeat", "0 capped"));
  EXPECT_THAT(left_out(kCora, 1), ElementsAre("1 repeat"));
  EXPECT_THAT(left_out(kAnna, 10), IsEmpty());

  store.Write(
      [&](SQLite::Database& db) { users.Merge(db, kCora, kAnna, false); });
  EXPECT_THAT(left_out(kAnna, 10), ElementsAre("1 repeat", "0 capped"));

  // Newer slots of another rule do not stand in front of this one's.
  store.Write([&](SQLite::Database& db) {
    for (int day : {2, 3}) {
      SlotBook::MarkMissed(db, "other", After(hours(24 * day)), "v1", kSlot);
    }
  });
  EXPECT_THAT(left_out(kAnna, 2), IsEmpty());
  EXPECT_THAT(left_out(kAnna, 2, kRule), ElementsAre("1 repeat", "0 capped"));
  EXPECT_THAT(left_out(kAnna, 2, "other"), IsEmpty());
}

TEST_F(SlotBookTest, DamagedSetsAreNamed) {
  Finish(Open(kSlot, "v1", kSlot), kSlot,
         {{"capped", SetOf({kCora})}, {"no_address", SetOf({kDan})}});
  const auto check = [&] { return store.Read(SlotBook::CheckSkips); };
  const auto why = [&] {
    std::vector<std::string> reasons;
    for (const SkipRow& skip : slots.SkipsOf(users.NumbersOf(kCora), {}, 1)) {
      reasons.push_back(skip.reason);
    }
    return reasons;
  };
  const auto put = [&](const std::string& bytes) {
    store.Write([&](SQLite::Database& db) {
      SQLite::Statement update(
          db, "UPDATE slot_skips SET user_set = ? WHERE reason = 'capped'");
      update.bind(1, bytes.data(), static_cast<int>(bytes.size()));
      update.exec();
    });
  };
  EXPECT_THAT(check(), IsEmpty());
  // As older folders have them, without a checksum.
  const std::string bare = SetOf({kCora}).Serialize();
  put(bare);
  EXPECT_THAT(check(), IsEmpty());
  EXPECT_THAT(why(), ElementsAre("capped"));
  const std::string damage =
      "the stored set of users that rule wake left out in the slot of " +
      Calendar::Utc().Format(kSlot) + " (capped) is damaged";
  put(bare.substr(0, bare.size() - 1));
  EXPECT_THAT(check(), ElementsAre(damage));
  std::string sealed = Seal(bare);
  sealed.back() = static_cast<char>(~sealed.back());
  put(sealed);
  EXPECT_THAT(check(), ElementsAre(damage));
  EXPECT_ANY_THROW(why());
  // Whoever is forgotten may be in it.
  for (const std::string& stored : {sealed, bare}) {
    put(stored);
    store.Write([&](SQLite::Database& db) {
      SlotBook::EraseSkips(db, std::vector<UserNumber>{kCora, kDan});
    });
    EXPECT_THAT(check(), IsEmpty());
    EXPECT_THAT(why(), IsEmpty());
  }
}

TEST_F(SlotBookTest, DoneIsOpenedAgain) {
  Finish(Open(kSlot, "v1", kSlot), kSlot, {{"capped", SetOf({kAnna})}});
  EXPECT_EQ(slots.Find(kRule, kSlot)->rule_version, "v1");

  const SlotRow again = Open(kSlot, "v2", After(hours(1)));
  EXPECT_EQ(again.state, SlotState::kOpen);
  EXPECT_EQ(again.rule_version, "v2");
  EXPECT_EQ(again.opened_at, kSlot);
  EXPECT_FALSE(again.done_at);

  Finish(again, After(hours(1)), {{"repeat", SetOf({kAnna, kBob})}});
  EXPECT_EQ(slots.Find(kRule, kSlot)->skipped,
            (std::map<std::string, int64_t>{{"repeat", 2}}));
}

TEST_F(SlotBookTest, OneCutShortIsFoundOpen) {
  Open(kSlot, "v1", kSlot);
  const SlotRow resumed = Open(kSlot, "v1", After(minutes(5)));
  EXPECT_EQ(resumed.state, SlotState::kOpen);
  EXPECT_EQ(resumed.opened_at, kSlot);
}

TEST_F(SlotBookTest, MissedIsRecordedButNeverOverDone) {
  store.Write([&](SQLite::Database& db) {
    SlotBook::MarkMissed(db, kRule, kSlot, "v1", After(hours(7)));
  });
  const auto missed = slots.Find(kRule, kSlot);
  ASSERT_TRUE(missed);
  EXPECT_EQ(missed->state, SlotState::kMissed);
  EXPECT_EQ(missed->done_at, After(hours(7)));
  Finish(Open(kSlot, "v1", After(hours(8))), After(hours(8)), {});
  store.Write([&](SQLite::Database& db) {
    SlotBook::MarkMissed(db, kRule, kSlot, "v1", After(hours(9)));
  });
  EXPECT_EQ(slots.Find(kRule, kSlot)->state, SlotState::kDone);
}

TEST_F(SlotBookTest, StoppedIsNotedOncePerReasonAndNeverOverDone) {
  const auto stop = [&](const std::string& reason) {
    return store.Write([&](SQLite::Database& db) {
      return SlotBook::Stop(db,
                            {.rule_id = kRule,
                             .slot = kSlot,
                             .reason = reason,
                             .rule_version = "v1"},
                            kSlot);
    });
  };
  using Counts = std::map<std::pair<SlotState, std::string>, int64_t>;
  EXPECT_TRUE(stop("paused"));
  EXPECT_FALSE(stop("paused"));
  EXPECT_TRUE(stop("approval"));
  EXPECT_EQ(slots.CountByState(),
            (Counts{{{SlotState::kStopped, "approval"}, 1}}));
  Finish(Open(kSlot, "v1", kSlot), kSlot, {});
  EXPECT_FALSE(stop("paused"));
  EXPECT_EQ(slots.CountByState(), (Counts{{{SlotState::kDone, ""}, 1}}));
}

TEST_F(SlotBookTest, AsksAboutDoneSlotsBefore) {
  const auto day = [](int n) { return After(hours(24 * n)); };
  for (int n : {0, 1, 2}) {
    SlotRow slot = Open(day(n), n == 0 ? "v1" : "v2", day(n));
    slot.eligible = n == 1 ? 9 : 5;
    Finish(slot, day(n), {});
  }
  Open(day(3), "v2", day(3));  // not done
  const auto most = [&](Instant before, int count) {
    return store.Read([&](SQLite::Database& db) {
      return SlotBook::MostEligible(db, kRule, before, count);
    });
  };
  const auto done = [&](const std::string& version, Instant before) {
    return store.Read([&](SQLite::Database& db) {
      return SlotBook::CountDone(db, kRule, version, before);
    });
  };
  EXPECT_EQ(most(kSlot, 3), std::nullopt);
  EXPECT_EQ(most(day(4), 1), 5);
  EXPECT_EQ(most(day(4), 2), 9);
  EXPECT_EQ(most(day(1), 3), 5);
  EXPECT_EQ(done("v2", day(4)), 2);
  EXPECT_EQ(done("v2", day(2)), 1);
  EXPECT_EQ(done("v1", day(4)), 1);
}

TEST_F(SlotBookTest, FailuresAreLookedAtOnce) {
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  Finish(Open(kSlot, "v1", kSlot), kSlot, {});
  EXPECT_EQ(slots.FailedTouches(kRule, kSlot), std::nullopt) << "planned";
  const auto claimed = Claim();
  ASSERT_EQ(claimed.size(), 2u);
  ledger.Record(std::vector{ResultOf(claimed[0], TouchState::kFailed),
                            ResultOf(claimed[1], TouchState::kAccepted)},
                kSlot);
  EXPECT_EQ(slots.FailedTouches(kRule, kSlot), 1);
  EXPECT_THAT(slots.Uninspected(kRule, kSlot), ElementsAre(kSlot));
  EXPECT_THAT(slots.Uninspected(kRule, After(minutes(1))), IsEmpty());
  store.Write(
      [&](SQLite::Database& db) { SlotBook::MarkInspected(db, kRule, kSlot); });
  EXPECT_THAT(slots.Uninspected(kRule, kSlot), IsEmpty());
}

TEST_F(SlotBookTest, ListsNewestFirst) {
  for (int day : {1, 3, 2}) Open(After(hours(24 * day)), "v1", kSlot);
  store.Write([&](SQLite::Database& db) {
    SlotBook::MarkMissed(db, "other", After(hours(24 * 9)), "v1", kSlot);
  });
  const auto days = [&](std::optional<std::string> rule, int64_t limit) {
    std::vector<int64_t> days;
    for (const SlotRow& row : slots.Newest(rule, limit)) {
      days.push_back((row.slot - kSlot) / hours(24));
    }
    return days;
  };
  EXPECT_EQ(days(std::nullopt, 0), (std::vector<int64_t>{9, 3, 2, 1}));
  EXPECT_EQ(days(kRule, 2), (std::vector<int64_t>{3, 2}));
}

TEST_F(SlotBookTest, FirstLoadedIsSetOnce) {
  EXPECT_EQ(slots.FirstLoaded(kRule, kSlot), kSlot);
  EXPECT_EQ(slots.FirstLoaded(kRule, After(hours(1))), kSlot);
  EXPECT_EQ(slots.FirstLoaded("other", After(hours(1))), After(hours(1)));
}

}  // namespace
}  // namespace rekindle

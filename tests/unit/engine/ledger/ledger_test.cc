// Reading, merging and erasing.
#include "engine/ledger/ledger.h"

#include <sstream>

#include "engine/ledger/touches_export.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;

class LedgerUsersTest : public LedgerTest {
 protected:
  void Move(UserNumber from, UserNumber into) {
    store.Write([&](SQLite::Database& db) { ledger.MoveUser(db, from, into); });
  }
  std::vector<std::string> Ids(TouchFilter filter) const {
    std::vector<std::string> ids;
    for (const TouchRow& row : ledger.Touches(filter)) {
      ids.push_back(row.touch_id);
    }
    return ids;
  }
  bool DrawnFirst(UserNumber a, UserNumber b) const {
    return store.Read(
        [&](SQLite::Database& db) { return ledger.DrawnFirst(db, a, b); });
  }
};

TEST_F(LedgerUsersTest, ReadsNewestFirstByAnyFilter) {
  const Touch old = TouchOf(kAnna, kSlot - hours(24));
  const Touch anna = TouchOf(kAnna);
  Touch bob = TouchOf(kBob);
  bob.arm = Arm::kHeldOut;
  Insert({old, anna, bob});
  const std::vector<std::string> all = {bob.touch_id, anna.touch_id,
                                        old.touch_id};
  EXPECT_EQ(Ids({}), all);
  EXPECT_EQ(Ids({.limit = 0}), all);
  EXPECT_EQ(Ids({.limit = 1, .offset = 1}), std::vector{anna.touch_id});
  EXPECT_EQ(Ids({.user = kAnna}), (std::vector{anna.touch_id, old.touch_id}));
  EXPECT_EQ(Ids({.state = TouchState::kHeldOut}), std::vector{bob.touch_id});
  EXPECT_EQ(Ids({.rule_id = kRule, .slot = old.slot}),
            std::vector{old.touch_id});
  EXPECT_TRUE(Ids({.rule_id = "other"}).empty());
  EXPECT_EQ(ledger.CountTouches({.user = kAnna, .limit = 1}), 2);
}

TEST_F(LedgerUsersTest, MovesTouchesToTheOneWhoStays) {
  Touch hoping = TouchOf(kAnna);
  hoping.goal = "app_open";
  hoping.goal_until = After(hours(1));
  Insert({hoping, TouchOf(kBob, kSlot - hours(24))});
  Move(kAnna, kBob);
  EXPECT_EQ(ledger.CountTouches({.user = kAnna}), 0);
  EXPECT_EQ(ledger.CountTouches({.user = kBob}), 2);
  EXPECT_TRUE(ledger.UsersWithGoals().Contains(kBob));
}

TEST_F(LedgerUsersTest, OfTwoInOnePlaceTheEarlierPlannedStays) {
  struct Row {
    const char* what;
    int planned_after_hours;  // the touch of the one who goes
    bool other_left;          // the touch of the one who stays was sent
    bool goer_stays;
  };
  const Row rows[] = {
      {"earlier", -1, false, true},
      {"later", 1, false, false},
      {"earlier, but waiting while the other has left", -1, true, false},
  };
  Instant slot = kSlot;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    slot += hours(24);
    facts.now = slot;
    const Touch stays = TouchOf(kBob, slot);
    Insert({stays});
    if (row.other_left) Claim();
    Touch goes = TouchOf(kAnna, slot);
    goes.planned_at = slot + hours(row.planned_after_hours);
    Insert({goes});
    Move(kAnna, kBob);
    EXPECT_EQ(Ids({.slot = slot}),
              std::vector{row.goer_stays ? goes.touch_id : stays.touch_id});
    EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents "
                  "WHERE touch NOT IN (SELECT id FROM touches)"),
              0);
  }
}

// One that is to be tried once more must not follow one that left.
TEST_F(LedgerUsersTest, OfTwoInOnePlaceTheOneThatLeftStays) {
  const TouchState states[] = {TouchState::kPlanned, TouchState::kUnknown};
  Instant slot = kSlot;
  for (const TouchState state : states) {
    SCOPED_TRACE(TouchStateName(state));
    slot += hours(24);
    facts.now = slot;
    Touch goes = TouchOf(kAnna, slot);
    goes.planned_at = slot - hours(1);
    const Touch stays = TouchOf(kBob, slot);
    Insert({goes, stays});
    std::vector<AttemptResult> results;
    for (const ClaimedTouch& claimed : Claim()) {
      const bool left = claimed.touch_id == stays.touch_id;
      results.push_back(
          ResultOf(claimed, left ? TouchState::kAccepted : state, "temporary"));
    }
    ledger.Record(results, slot);
    Move(kAnna, kBob);
    EXPECT_EQ(Ids({.slot = slot}), std::vector{stays.touch_id});
  }
}

TEST_F(LedgerUsersTest, EraseLeavesNothingOfAUser) {
  Touch hoping = TouchOf(kAnna);
  hoping.goal = "app_open";
  hoping.goal_until = After(hours(1));
  Insert({hoping, TouchOf(kBob)});
  Claim();
  UserSet skipped;
  skipped.Add(kAnna);
  skipped.Add(kDan);
  store.Write([&](SQLite::Database& db) {
    const SlotRow slot = SlotBook::Open(db, kRule, kSlot, "v1", kSlot);
    SlotBook::Finish(db, slot, kSlot, {{"capped", skipped}});
    ledger.EraseUser(db, kAnna);
  });
  EXPECT_EQ(ledger.CountTouches({.user = kAnna}), 0);
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM attempts"), 1);
  EXPECT_FALSE(ledger.UsersWithGoals().Contains(kAnna));
  EXPECT_TRUE(ledger.slots().SkipsOf(users.NumbersOf(kAnna), {}, 10).empty());
  EXPECT_EQ(ledger.slots().SkipsOf(users.NumbersOf(kDan), {}, 10).size(), 1u);
  EXPECT_EQ(ledger.slots().Find(kRule, kSlot)->skipped.at("capped"), 2);
}

TEST_F(LedgerUsersTest, WhoWasDrawnFirst) {
  Insert({TouchOf(kAnna), TouchOf(kAnna, kSlot - hours(24)), TouchOf(kBob)});
  EXPECT_TRUE(DrawnFirst(kAnna, kBob));
  EXPECT_FALSE(DrawnFirst(kBob, kAnna));
  EXPECT_TRUE(DrawnFirst(kBob, kCora));
  EXPECT_FALSE(DrawnFirst(kCora, kBob));
  EXPECT_FALSE(DrawnFirst(kCora, kDan));
  EXPECT_FALSE(DrawnFirst(kBob, kBob));
}

TEST_F(LedgerUsersTest, ExportsTouchesInTheOrderOfTheirIds) {
  Touch anna = TouchOf(kAnna), bob = TouchOf(kBob);
  anna.touch_id = "b2";
  anna.variant = "v,1";
  anna.goal = bob.goal = "app_open";
  anna.goal_until = bob.goal_until = After(hours(9));
  bob.touch_id = "a1";
  bob.arm = Arm::kHeldOut;
  Touch later = TouchOf(kCora, After(hours(3)));
  Insert({anna, bob, later});
  ledger.MatchGoals(
      std::vector<GoalEvent>{{kAnna, "app_open", After(hours(1))},
                             {kBob, "app_open", After(hours(3))}});
  std::ostringstream out;
  ExportTouches(store, users, *Calendar::Load("Asia/Shanghai"), After(hours(2)),
                *MakeRowSink(RowFormat::kCsv, out));
  EXPECT_EQ(out.str(),
            "touch_id,rule_id,user_id,slot,planned_at,arm,variant,channel,"
            "state,reason,goal_at\n"
            "a1,wake,bob,2026-03-01T18:00:00+08:00,2026-03-01T18:00:00+08:00,"
            "held_out,,push,held_out,,\n"
            "b2,wake,anna,2026-03-01T18:00:00+08:00,2026-03-01T18:00:00+08:00,"
            "treated,\"v,1\",push,planned,,2026-03-01T19:00:00+08:00\n");
}

}  // namespace
}  // namespace rekindle

#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class LedgerGoalsTest : public LedgerTest {
 protected:
  Touch Hoping(UserNumber user, Instant slot = kSlot) const {
    Touch touch = TouchOf(user, slot);
    touch.goal = "app_open";
    touch.goal_until = slot + hours(24 * 7);
    return touch;
  }
  void Happened(UserNumber user, Instant at,
                const std::string& behavior = "app_open") {
    ledger.MatchGoals(std::vector<GoalEvent>{{user, behavior, at}});
  }
};

TEST_F(LedgerGoalsTest, TheWindowHasBothItsEnds) {
  struct Row {
    const char* what;
    Instant at;
    bool counts;
  };
  const Instant until = *Hoping(kAnna).goal_until;
  const Row rows[] = {
      {"before the decision", kSlot - milliseconds(1), false},
      {"at the decision", kSlot, true},
      {"at the end", until, true},
      {"after the end", until + milliseconds(1), false},
  };
  UserNumber user = 0;
  for (const Row& row : rows) {
    Insert({Hoping(user)});
    Happened(user, row.at);
    EXPECT_EQ(RowOf(user).goal_at,
              row.counts ? std::optional(row.at) : std::nullopt)
        << row.what;
    ++user;
  }
}

TEST_F(LedgerGoalsTest, TheEarliestIsKeptInWhateverOrderTheyArrive) {
  Insert({Hoping(kAnna)});
  for (int hour : {5, 3, 9}) Happened(kAnna, After(hours(hour)));
  EXPECT_EQ(RowOf(kAnna).goal_at, After(hours(3)));
}

TEST_F(LedgerGoalsTest, BothArmsAndEveryState) {
  Touch held = Hoping(kBob);
  held.arm = Arm::kHeldOut;
  Touch expired = Hoping(kCora);
  expired.expires_at = kSlot - milliseconds(1);
  Insert({Hoping(kAnna), held, expired});
  ledger.Record(std::vector{ResultOf(Claim().at(0), TouchState::kFailed)},
                kSlot);
  for (UserNumber user : {kAnna, kBob, kCora}) Happened(user, After(hours(1)));
  EXPECT_EQ(RowOf(kAnna).goal_at, After(hours(1)));
  EXPECT_EQ(RowOf(kBob).goal_at, After(hours(1)));
  EXPECT_EQ(RowOf(kCora).goal_at, After(hours(1)));
  EXPECT_EQ(Fate(kCora), "dropped expired");
}

TEST_F(LedgerGoalsTest, OtherBehaviorsUsersAndTouchesWithoutAGoal) {
  Insert({Hoping(kAnna), TouchOf(kBob)});
  Happened(kAnna, After(hours(1)), "trip");
  Happened(kBob, After(hours(1)));
  Happened(kDan, After(hours(1)));
  EXPECT_FALSE(RowOf(kAnna).goal_at);
  EXPECT_FALSE(RowOf(kBob).goal_at);
}

TEST_F(LedgerGoalsTest, OneEventReachesEveryOpenWindow) {
  Insert({Hoping(kAnna), Hoping(kAnna, After(hours(24)))});
  Happened(kAnna, After(hours(30)));
  EXPECT_EQ(Ask("SELECT count(*) FROM touches WHERE goal_at = " +
                std::to_string(ToMillis(After(hours(30))))),
            2);
}

TEST_F(LedgerGoalsTest, WhoHopesIsKnownAfterARestart) {
  Insert({Hoping(kCora), TouchOf(kBob)});
  EXPECT_EQ(ledger.UsersWithGoals().ToList(), std::vector<UserNumber>{kCora});
  const Ledger reopened(store, users);
  EXPECT_EQ(reopened.UsersWithGoals().ToList(), std::vector<UserNumber>{kCora});
}

}  // namespace
}  // namespace rekindle

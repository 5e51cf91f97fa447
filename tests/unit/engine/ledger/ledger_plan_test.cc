#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;

using Seen = std::vector<std::pair<UserNumber, Instant>>;

class LedgerPlanTest : public LedgerTest {
 protected:
  Seen RuleTouches(std::optional<Instant> from, Instant except_slot) const {
    Seen seen;
    store.Read([&](SQLite::Database& db) {
      ledger.RuleTouches(
          db, kRule, from, except_slot,
          [&](UserNumber user, Instant at) { seen.emplace_back(user, at); });
    });
    std::sort(seen.begin(), seen.end());
    return seen;
  }
  Seen CappedTouches(Instant from,
                     std::optional<std::string> channel = std::nullopt,
                     std::optional<UserNumber> user = std::nullopt) const {
    Seen seen;
    store.Read([&](SQLite::Database& db) {
      ledger.CappedTouches(
          db, from, channel, user,
          [&](UserNumber u, Instant at) { seen.emplace_back(u, at); });
    });
    std::sort(seen.begin(), seen.end());
    return seen;
  }
  std::vector<UserNumber> InSlot() const {
    return store.Read([&](SQLite::Database& db) {
      return ledger.InSlot(db, kRule, kSlot).ToList();
    });
  }
  void SetState(UserNumber user, const std::string& state) {
    store.Write([&](SQLite::Database& db) {
      db.exec("UPDATE touches SET state = '" + state +
              "' WHERE user = " + std::to_string(user));
    });
  }
};

TEST_F(LedgerPlanTest, InsertTwiceIsHarmless) {
  Touch changed = TouchOf(kAnna);
  changed.planned_at = After(hours(1));
  Insert({TouchOf(kAnna), TouchOf(kBob)});
  Insert({changed, TouchOf(kBob), TouchOf(kCora)});
  EXPECT_EQ(ledger.CountTouches({}), 3);
  EXPECT_EQ(RowOf(kAnna).planned_at, kSlot);
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 3);
}

TEST_F(LedgerPlanTest, OnePlaceTakesOneTouchWhateverItsId) {
  Touch other = TouchOf(kAnna);
  other.touch_id = "another";
  Touch second_step = TouchOf(kAnna);
  second_step.step = 1;
  second_step.touch_id = IdOf(second_step);
  Insert({TouchOf(kAnna), other, second_step});
  EXPECT_EQ(ledger.CountTouches({}), 2);
  EXPECT_EQ(Ask("SELECT count(*) FROM touches WHERE touch_id = 'another'"), 0);
}

TEST_F(LedgerPlanTest, HeldOutIsFinalFromTheStartAndKeepsNoText) {
  Touch held = TouchOf(kAnna);
  held.arm = Arm::kHeldOut;
  Insert({held, TouchOf(kBob)});
  EXPECT_EQ(Fate(kAnna), "held_out");
  EXPECT_EQ(RowOf(kAnna).arm, Arm::kHeldOut);
  EXPECT_EQ(Ask("SELECT count(*) FROM touch_contents"), 1);
  EXPECT_EQ(InSlot(), (std::vector<UserNumber>{kAnna, kBob}));
}

TEST_F(LedgerPlanTest, RuleTouchesAreAllButThoseOfTheSlotAtHand) {
  const Instant earlier = kSlot - hours(48);
  Touch held = TouchOf(kBob, earlier);
  held.arm = Arm::kHeldOut;
  Touch foreign = TouchOf(kDan, earlier);
  foreign.rule_id = "other";
  foreign.touch_id = IdOf(foreign);
  Insert({TouchOf(kAnna, earlier), held, TouchOf(kAnna), foreign});
  SetState(kAnna, "failed");
  EXPECT_EQ(RuleTouches(std::nullopt, kSlot),
            (Seen{{kAnna, earlier}, {kBob, earlier}}));
  EXPECT_EQ(RuleTouches(earlier, FromMillis(0)),
            (Seen{{kAnna, earlier}, {kAnna, kSlot}, {kBob, earlier}}));
  EXPECT_EQ(RuleTouches(After(std::chrono::milliseconds(-1)), FromMillis(0)),
            (Seen{{kAnna, kSlot}}));
}

TEST_F(LedgerPlanTest, WhichStatesKeepTheirCap) {
  const std::pair<const char*, bool> rows[] = {
      {"planned", true},  {"claimed", true}, {"accepted", true},
      {"failed", false},  {"unknown", true}, {"delivered", true},
      {"bounced", true},  {"opened", true},  {"clicked", true},
      {"dropped", false}, {"held_out", true}};
  Insert({TouchOf(kAnna)});
  for (const auto& [state, keeps] : rows) {
    SetState(kAnna, state);
    EXPECT_EQ(CappedTouches(kSlot).size(), keeps ? 1u : 0u) << state;
  }
}

TEST_F(LedgerPlanTest, CapsCountMarketingByTheInstantItMayLeave) {
  Touch deferred = TouchOf(kAnna);
  deferred.due_at = After(hours(5));
  Touch transactional = TouchOf(kBob);
  transactional.marketing = false;
  Insert({deferred, transactional, TouchOf(kCora)});
  EXPECT_EQ(CappedTouches(kSlot),
            (Seen{{kAnna, After(hours(5))}, {kCora, kSlot}}));
  EXPECT_EQ(CappedTouches(After(hours(5))), (Seen{{kAnna, After(hours(5))}}));
  EXPECT_EQ(CappedTouches(kSlot, std::nullopt, kCora), (Seen{{kCora, kSlot}}));
}

// A touch takes room in every channel it may still go through; once it is
// final, in the one it went through.
TEST_F(LedgerPlanTest, CapsOfAChannelCountWhatMayFallBackToIt) {
  Touch both = TouchOf(kAnna);
  both.contents.push_back({"mail", {{"subject", "Hello by mail"}}});
  Touch held = both;
  held.user = kBob;
  held.touch_id = IdOf(held);
  held.arm = Arm::kHeldOut;
  Insert({both, held});
  const Seen anna = {{kAnna, kSlot}};
  const Seen everybody = {{kAnna, kSlot}, {kBob, kSlot}};
  EXPECT_EQ(CappedTouches(kSlot, "push"), everybody);
  EXPECT_EQ(CappedTouches(kSlot, "mail"), anna);
  EXPECT_EQ(CappedTouches(kSlot, "ma"), Seen());
  for (const char* state : {"claimed", "unknown"}) {
    SetState(kAnna, state);
    EXPECT_EQ(CappedTouches(kSlot, "mail"), anna) << state;
  }
  SetState(kAnna, "accepted");
  EXPECT_EQ(CappedTouches(kSlot, "mail"), Seen());
  EXPECT_EQ(CappedTouches(kSlot, "push"), everybody);
}

TEST_F(LedgerPlanTest, ImportsCampaignsRunElsewhereOnce) {
  Ledger::ImportedTouch treated;
  treated.rule_id = "spring-mail";
  treated.user = kAnna;
  treated.at = kSlot;
  treated.channel = "mail";
  treated.variant = "b";
  treated.goal = "app_open";
  treated.goal_until = After(hours(24));
  Ledger::ImportedTouch held = treated;
  held.user = kBob;
  held.arm = Arm::kHeldOut;
  for (int i = 0; i < 2; ++i) {
    store.Write([&](SQLite::Database& db) {
      ledger.Import(db, std::vector{treated, held});
    });
  }
  EXPECT_EQ(ledger.CountTouches({}), 2);
  const TouchRow row = RowOf(kAnna);
  EXPECT_EQ(row.touch_id,
            StableId({"spring-mail", "anna", "1772359200000", "imported"}));
  EXPECT_EQ(row.slot, kSlot);
  EXPECT_EQ(row.variant, "b");
  EXPECT_EQ(row.channel, "mail");
  EXPECT_EQ(row.state, TouchState::kAccepted);
  EXPECT_EQ(Fate(kBob), "held_out");
  EXPECT_TRUE(ledger.UsersWithGoals().Contains(kAnna));
  EXPECT_TRUE(ledger.UsersWithGoals().Contains(kBob));
}

}  // namespace
}  // namespace rekindle

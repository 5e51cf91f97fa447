#include "engine/review/review.h"

#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

using std::chrono::hours;

class ReviewTest : public LedgerTest {
 protected:
  // 40 more users, the even ones treated and the odd ones held out; goal
  // windows of a day.
  static constexpr UserNumber kFirst = 4, kLast = 43;

  ReviewTest() {
    store.Write([&](SQLite::Database& db) {
      for (UserNumber user = kFirst; user <= kLast; ++user) {
        users.Add("u" + std::to_string(user));
      }
      users.SaveAdded(db);
    });
  }
  Touch Hoping(UserNumber user, Instant slot) const {
    Touch touch = TouchOf(user, slot);
    touch.goal = "app_open";
    touch.goal_until = slot + hours(24);
    if (user % 2 == 1) touch.arm = Arm::kHeldOut;
    return touch;
  }
  void PlanAll(Instant slot) {
    std::vector<Touch> touches;
    for (UserNumber user = kFirst; user <= kLast; ++user) {
      touches.push_back(Hoping(user, slot));
    }
    Insert(touches);
  }
  void Reach(UserNumber user, Instant at) {
    ledger.MatchGoals(std::vector<GoalEvent>{{user, "app_open", at}});
  }
  RuleReview Review(Instant as_of) const {
    const auto reviews = ComputeReview(store, as_of, kRule);
    EXPECT_EQ(reviews.size(), 1u);
    return reviews.empty() ? RuleReview() : reviews[0];
  }
};

TEST_F(ReviewTest, CountsSlotsSkipsAndTouches) {
  UserSet skipped;
  skipped.Add(kAnna);
  skipped.Add(kBob);
  store.Write([&](SQLite::Database& db) {
    for (int day : {0, 1}) {
      SlotRow slot =
          SlotBook::Open(db, kRule, After(hours(24 * day)), "v1", kSlot);
      slot.matched = 42;
      SlotBook::Finish(db, slot, kSlot, {{"capped", skipped}});
    }
  });
  store.Write([&](SQLite::Database& db) {
    SlotBook::MarkMissed(db, kRule, After(hours(48)), "v1", After(hours(60)));
  });
  PlanAll(kSlot);
  facts.now = kSlot;
  push.address_field = "";
  for (const ClaimedTouch& touch : Claim(3)) {
    ledger.Record(std::vector{ResultOf(touch, TouchState::kAccepted)}, kSlot);
  }
  Reach(4, After(hours(1)));
  Reach(5, After(hours(2)));

  const RuleReview review = Review(After(hours(72)));
  EXPECT_EQ(review.rule_id, kRule);
  EXPECT_EQ(review.slots, 3);
  EXPECT_EQ(review.missed_slots, 1);
  EXPECT_EQ(review.matched, 84);
  EXPECT_EQ(review.skipped, (std::map<std::string, int64_t>{{"capped", 4}}));
  EXPECT_EQ(review.by_state,
            (std::map<TouchState, int64_t>{{TouchState::kPlanned, 17},
                                           {TouchState::kAccepted, 3},
                                           {TouchState::kHeldOut, 20}}));
  EXPECT_EQ(review.treated, 20);
  EXPECT_EQ(review.held_out, 20);
  EXPECT_EQ(review.goal_reached, 2);
  EXPECT_EQ(review.open_windows, 0);
  EXPECT_TRUE(review.has_goal);
}

TEST_F(ReviewTest, ComparesTheArmsByAssignment) {
  PlanAll(kSlot);
  for (UserNumber user = 4; user < 4 + 2 * 14; user += 2) {
    Reach(user, After(hours(3)));
  }
  for (UserNumber user : {5, 7, 9, 11, 13}) Reach(user, After(hours(3)));
  const RuleReview review = Review(After(hours(24)));
  EXPECT_EQ(review.treated_users.users, 20);
  EXPECT_EQ(review.treated_users.reached, 14);
  EXPECT_EQ(review.held_out_users.users, 20);
  EXPECT_EQ(review.held_out_users.reached, 5);
  ASSERT_TRUE(review.uplift);
  EXPECT_DOUBLE_EQ(review.uplift->difference, 0.7 - 0.25);
  EXPECT_DOUBLE_EQ(*review.incremental_users, (0.7 - 0.25) * 20);
  EXPECT_EQ(review.verdict, Verdict::kWorks);
}

TEST_F(ReviewTest, OpenWindowsAreShownAsOpenNotAsFailures) {
  PlanAll(kSlot);
  Reach(4, After(hours(1)));
  const RuleReview early =
      Review(After(hours(24)) - std::chrono::milliseconds(1));
  EXPECT_EQ(early.open_windows, 40);
  EXPECT_EQ(early.goal_reached, 1);
  EXPECT_EQ(early.treated_users.users, 0);
  EXPECT_FALSE(early.uplift);
  EXPECT_FALSE(early.incremental_users);
  EXPECT_EQ(early.verdict, Verdict::kCollecting);
}

TEST_F(ReviewTest, AUserCountsOnceByTheFirstTouch) {
  PlanAll(kSlot);
  PlanAll(After(hours(48)));
  Reach(4, After(hours(50)));  // of the second touch only
  Reach(6, After(hours(1)));   // of the first
  const RuleReview review = Review(After(hours(100)));
  EXPECT_EQ(review.treated, 40);
  EXPECT_EQ(review.goal_reached, 2);
  EXPECT_EQ(review.treated_users.users, 20);
  EXPECT_EQ(review.treated_users.reached, 1);
}

TEST_F(ReviewTest, AnOpenFirstWindowIsNotReplacedByALaterTouch) {
  Touch slow = Hoping(4, kSlot);
  slow.goal_until = After(hours(1000));
  Insert({slow, Hoping(4, After(hours(1)))});
  const RuleReview review = Review(After(hours(100)));
  EXPECT_EQ(review.treated_users.users, 0);
  EXPECT_EQ(review.open_windows, 1);
}

TEST_F(ReviewTest, NothingLaterThanAsOfIsSeen) {
  PlanAll(kSlot);
  PlanAll(After(hours(48)));
  Reach(4, After(hours(20)));
  EXPECT_TRUE(ComputeReview(store, kSlot - hours(1), std::nullopt).empty());
  const RuleReview review = Review(After(hours(10)));
  EXPECT_EQ(review.treated, 20);
  EXPECT_EQ(review.goal_reached, 0);
}

TEST_F(ReviewTest, RulesInTheOrderOfTheirIdsAndOneAlone) {
  Insert({TouchOf(kAnna)});
  store.Write([&](SQLite::Database& db) {
    SlotBook::MarkMissed(db, "a-missed-rule", kSlot, "v1", kSlot);
  });
  Ledger::ImportedTouch imported;
  imported.rule_id = "zz-imported";
  imported.user = kBob;
  imported.at = kSlot;
  store.Write([&](SQLite::Database& db) {
    ledger.Import(db, std::span(&imported, 1));
  });
  const auto reviews = ComputeReview(store, kSlot, std::nullopt);
  ASSERT_EQ(reviews.size(), 3u);
  EXPECT_EQ(reviews[0].rule_id, "a-missed-rule");
  EXPECT_EQ(reviews[0].slots, 1);
  EXPECT_EQ(reviews[1].rule_id, kRule);
  EXPECT_FALSE(reviews[1].has_goal);
  EXPECT_EQ(reviews[2].rule_id, "zz-imported");
  EXPECT_EQ(reviews[2].treated, 1);
  EXPECT_EQ(ComputeReview(store, kSlot, "zz-imported").size(), 1u);
  EXPECT_TRUE(ComputeReview(store, kSlot, "unheard-of").empty());
}

}  // namespace
}  // namespace rekindle

#include "daemon/receipts/click_judge.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

const Instant kSent = FromMillis(1772359200000);

LinkVisit VisitOf(int number, int links) {
  LinkVisit visit;
  visit.touch_id = "t";
  visit.channel = "mail";
  visit.sent_at = kSent;
  visit.number = number;
  visit.links = links;
  return visit;
}

TEST(ClickJudge, NobodyTapsTheOnlyLinkAtOnce) {
  ClickJudge judge;
  EXPECT_FALSE(judge.IsClick(VisitOf(1, 1), kSent));
  EXPECT_FALSE(judge.IsClick(VisitOf(1, 1), kSent + 1999ms));
  EXPECT_TRUE(judge.IsClick(VisitOf(1, 1), kSent + 2s));
  EXPECT_TRUE(judge.TakeDue(kSent + 1h).empty());
}

TEST(ClickJudge, WhoOpensEveryLinkAtOnceIsNoPerson) {
  ClickJudge judge;
  for (const int number : {1, 2, 1, 3}) {
    EXPECT_FALSE(judge.IsClick(VisitOf(number, 3), kSent + 1s));
  }
  EXPECT_TRUE(judge.TakeDue(kSent + 10s).empty());
  // The reader comes later.
  EXPECT_TRUE(judge.IsClick(VisitOf(2, 3), kSent + 10s));
}

TEST(ClickJudge, WhoOpensOneIsAPersonOnceTheSecondsAreOver) {
  ClickJudge judge;
  EXPECT_FALSE(judge.IsClick(VisitOf(2, 3), kSent + 4s));
  EXPECT_FALSE(judge.IsClick(VisitOf(1, 3), kSent + 6s));
  EXPECT_TRUE(judge.TakeDue(kSent + 9s).empty());
  const auto due = judge.TakeDue(kSent + 10s);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].touch_id, "t");
  EXPECT_EQ(due[0].channel, "mail");
  EXPECT_EQ(due[0].state, ReceiptState::kClicked);
  EXPECT_EQ(due[0].at, kSent + 4s);
  EXPECT_TRUE(judge.TakeDue(kSent + 10s).empty());
}

TEST(ClickJudge, AtTheEndNothingWaits) {
  ClickJudge judge;
  judge.IsClick(VisitOf(2, 3), kSent + 4s);
  EXPECT_EQ(judge.TakeDue(kSent + 4s, true).size(), 1u);
}

TEST(ClickJudge, AnAnswerNotRecordedYetCountsAsJustSent) {
  ClickJudge judge;
  LinkVisit visit = VisitOf(1, 2);
  visit.sent_at.reset();
  EXPECT_FALSE(judge.IsClick(visit, kSent));
  EXPECT_EQ(judge.TakeDue(kSent + 10s).size(), 1u);
}

}  // namespace
}  // namespace rekindle

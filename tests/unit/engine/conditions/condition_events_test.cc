// Conditions on counts, sums, order and properties of events, and on days in
// windows: did with all its keys, breadth, drop.
#include "tests/unit/engine/conditions/one_user.h"

namespace rekindle {
namespace {

using namespace std::chrono;

class EventConditions : public OneUser {
 protected:
  // On a day of February 2026, with properties.
  void DidOn(BehaviorIndex behavior, int day, int hour = 10,
             const std::string& json = "") {
    const Instant at = At(Day(2026, 2, day), hours(hour));
    Did(behavior, at);
    if (!json.empty()) user().properties[behavior][at] = json;
  }
  void ExpectRows(const std::vector<std::pair<const char*, bool>>& rows) {
    for (const auto& [row, holds] : rows) {
      const std::string body = std::string("{behavior: ") + row + "}}";
      EXPECT_EQ(Holds("{did: " + body), holds) << row;
      EXPECT_EQ(Holds("{did_not: " + body), !holds) << row;
    }
  }
};

TEST_F(EventConditions, InARowCountsConsecutiveLocalDays) {
  for (int day : {1, 2, 3, 7, 8, 9, 10, 16}) DidOn(1, day);
  Did(1, At(Day(2026, 1, 31)));  // a row goes on over a month's end
  ExpectRows({{"trip, in_a_row: 4 days", true},
              {"trip, in_a_row: 5 days", false},
              {"trip, in_a_row: 4 days, within: 11 days", true},
              // The 10th is there, the 7th no more.
              {"trip, in_a_row: 4 days, within: 10 days", false},
              {"trip, in_a_row: 3 days, within: 1 month", true},
              {"trip, in_a_row: 1 day, within: 2 days", true},
              {"trip, in_a_row: 1 day, within: 1 day", false},
              {"trip, in_a_row: 4 days, days: 9", true},
              {"trip, in_a_row: 4 days, days: {lt: 9}", false},
              {"shop, in_a_row: 1 day", false}});
}

TEST_F(EventConditions, SinceCountsWhatCameAfterTheLastOne) {
  DidOn(2, 3, 9);
  DidOn(1, 5, 9);
  DidOn(2, 5, 10);
  DidOn(1, 5, 10);  // at the same instant: not after
  DidOn(1, 5, 11);
  DidOn(1, 8);
  ExpectRows({{"trip, since: shop", true},
              {"trip, since: shop, times: 2", true},
              {"trip, since: shop, times: 3", false},
              {"trip, since: shop, days: 2", true},
              {"trip, since: shop, within: 10 days, times: 1", true},
              {"trip, since: shop, within: 9 days", false},
              {"trip, since: trip", false},
              {"shop, since: trip", false},
              {"shop, since: trip, times: 0", true}});
}

// Who never put anything into the cart has ordered nothing since.
TEST_F(EventConditions, SinceWhatNeverHappenedIsNothing) {
  DidOn(1, 5);
  ExpectRows({{"trip, since: shop", false},
              {"trip, since: shop, times: 0", true},
              {"trip, since: shop, times: {lt: 3}", true},
              {"trip, since: shop, in_a_row: 1 day", false}});
}

TEST_F(EventConditions, SinceInsideRollingHours) {
  Did(2, At(Day(2026, 2, 17), hours(6)));  // before the last three hours
  Did(1, At(Day(2026, 2, 17), hours(10)));
  ExpectRows({{"trip, since: shop, within: 3 hours", true},
              {"trip, since: shop, within: 1 hour", false}});
  Did(2, At(Day(2026, 2, 17), hours(11)));
  ExpectRows({{"trip, since: shop, within: 3 hours", false}});
}

TEST_F(EventConditions, WhereFiltersByProperties) {
  DidOn(1, 3, 10, R"({"kind":"taxi","km":12})");
  DidOn(1, 4, 10, R"({"kind":"taxi","km":"30.5"})");
  DidOn(1, 4, 12, R"({"kind":"bus"})");
  DidOn(1, 5);
  ExpectRows({{"trip, where: {kind: taxi}", true},
              {"trip, where: {kind: tram}", false},
              {"trip, where: {kind: tram}, times: 0", true},
              {"trip, where: {kind: taxi}, times: 2", true},
              {"trip, where: {kind: [taxi, bus]}, times: 3", true},
              {"trip, where: {kind: [taxi, bus]}, days: 2", true},
              {"trip, where: {kind: {exists: false}}, times: 1", true},
              {"trip, where: {km: {gt: 20}}", true},
              {"trip, where: {kind: taxi, km: {lt: 20}}, times: 1", true},
              {"trip, where: {kind: taxi}, in_a_row: 2 days", true},
              {"trip, where: {kind: taxi}, in_a_row: 3 days", false},
              {"trip, where: {kind: taxi}, within: 14 days, times: 1", true},
              {"trip, where: {kind: taxi}, days: {lte: 1}", false}});
}

TEST_F(EventConditions, SameAsksForOneValueThatComesUpOftenEnough) {
  DidOn(2, 3, 9, R"({"item":"a","amount":1})");
  DidOn(2, 3, 10, R"({"item":"b","amount":2})");
  DidOn(2, 4, 9, R"({"item":"a","amount":4})");
  DidOn(2, 5, 9, R"({"item":7,"amount":8})");
  DidOn(2, 5, 10, R"({"item":"7","amount":16})");
  DidOn(2, 5, 11, R"({"amount":32})");
  ExpectRows({{"shop, times: {gte: 3}", true},
              {"shop, same: item, times: {gte: 2}", true},
              {"shop, same: item, times: {gte: 3}", false},
              {"shop, same: item, days: {gte: 2}", true},
              {"shop, same: item, in_a_row: 2 days", true},
              {"shop, same: item, times: 1", true},  // b
              {"shop, same: item, days: {gte: 2}, where: {item: 7}", false},
              {"shop, same: item, total: {property: amount, gte: 24}", true},
              {"shop, same: item, total: {property: amount, gt: 24}", false},
              {"shop, same: maker, times: {gte: 1}", false}});
}

TEST_F(EventConditions, TotalAddsAPropertyUp) {
  DidOn(2, 3, 9, R"({"amount":0.1})");
  DidOn(2, 4, 9, R"({"amount":"0.2"})");
  DidOn(2, 5, 9, R"({"amount":"much"})");
  DidOn(2, 6, 9);
  ExpectRows(
      {{"shop, total: {property: amount, eq: 0.3}", true},
       {"shop, total: {property: amount, gte: 0.3}", true},
       {"shop, total: {property: amount, gt: 0.3}", false},
       {"shop, total: {property: amount, gt: 0.2, lt: 0.31}", true},
       {"shop, total: {property: amount, lte: 0.29}", false},
       {"shop, total: {property: amount, eq: 0.2}, within: 14 days", true},
       {"shop, total: {property: amount, gte: 0.3}, times: 4", true},
       {"shop, total: {property: amount, gte: 0.3}, times: 3", false},
       {"trip, total: {property: amount, lt: 1}", true},
       {"trip, total: {property: amount, gt: 0}", false}});
}

TEST_F(EventConditions, ExplainsWithTheValuesCompared) {
  DidOn(2, 3, 9, R"({"item":"a","amount":100})");
  DidOn(2, 4, 9, R"({"item":"a","amount":50.5})");
  DidOn(2, 4, 10, R"({"item":"b","amount":3})");
  DidOn(1, 3, 12);
  const std::pair<const char*, const char*> rows[] = {
      {"{did: {behavior: shop, since: trip}}",
       "did: shop since the last trip | on 1 day, 2 times (last on "
       "2026-02-04); trip last on 2026-02-03 | holds"},
      {"{did_not: {behavior: trip, since: shop, within: 30 days}}",
       "did_not: not: trip within 30 days since the last shop | on 0 days, 0 "
       "times (last on 2026-02-03); shop last on 2026-02-04 | holds"},
      {"{did: {behavior: shop, in_a_row: 3 days}}",
       "did: shop on 3 days in a row | on 2 days, 2 in a row (last on "
       "2026-02-04) | does not hold"},
      {"{did: {behavior: shop, where: {amount: {gte: 50}}, total: {property: "
       "amount, gte: 150, lt: 1000}}}",
       "did: shop amount gte 150 and lt 1000 in all where amount gte 50 | on 2 "
       "days, 2 times, amount 150.5 in all (last on 2026-02-04) | holds"},
      {"{did: {behavior: shop, same: item, times: {gte: 2}, days: {gte: 2}}}",
       "did: shop on at least 2 days and at least 2 times with the same item | "
       "on 2 days, 2 times with item a (last on 2026-02-04) | holds"},
      {"{did: {behavior: shop, same: item, times: {gte: 3}}}",
       "did: shop at least 3 times with the same item | on 2 days, 2 times "
       "with item a (last on 2026-02-04) | does not hold"},
      {"{breadth: {behaviors: [trip, shop, activity], within: 30 days, gte: "
       "2}}",
       "breadth: at least 2 of trip, shop, activity within 30 days | 2: trip, "
       "shop | holds"},
      {"{breadth: {behaviors: [trip, shop], within: 3 days, eq: 2}}",
       "breadth: 2 of trip, shop within 3 days | none of them | does not "
       "hold"},
      {"{drop: {behavior: shop, within: 2 weeks, by: 50%}}",
       "drop: shop on at least 50% fewer of the last 14 days than of the 14 "
       "before | 1 day after 1 day (+0.0%) | does not hold"},
      {"{drop: {behavior: shop, within: 10 days, by: 50%}}",
       "drop: shop on at least 50% fewer of the last 10 days than of the 10 "
       "before | 0 days after 2 days (-100.0%) | holds"},
      {"{drop: {within: 10 days, by: 50%}}",
       "drop: activity on at least 50% fewer of the last 10 days than of the "
       "10 before | 0 days after 0 days | does not hold"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(Text(text), expected);
}

TEST_F(EventConditions, BreadthCountsBehaviorsDone) {
  DidOn(1, 3);
  DidOn(1, 4);
  DidOn(2, 10);
  const std::pair<const char*, bool> rows[] = {
      {"behaviors: [trip, shop], gte: 2", true},
      {"behaviors: [trip, shop], gte: 2, within: 14 days", true},
      {"behaviors: [trip, shop], gte: 2, within: 13 days", false},
      {"behaviors: [trip, shop], eq: 1, within: 13 days", true},
      {"behaviors: [trip, shop], lt: 2, within: 13 days", true},
      {"behaviors: [trip, shop], lte: 0, within: 7 days", true},
      {"behaviors: [trip, shop], gt: 0, within: 170 hours", true},
      {"behaviors: [trip, shop], gt: 0, within: 169 hours", false},
      {"behaviors: shop, gte: 1", true},
  };
  for (const auto& [row, holds] : rows) {
    EXPECT_EQ(Holds(std::string("{breadth: {") + row + "}}"), holds) << row;
  }
}

TEST_F(EventConditions, DropComparesTwoWindowsOfEqualLength) {
  // Five of the ten days from January 29, two of the ten from February 8.
  for (int day : {1, 2, 3, 4, 7}) DidOn(0, day);
  for (int day : {8, 17}) DidOn(0, day);
  const std::pair<const char*, bool> rows[] = {
      {"within: 10 days, by: 60%", true},
      {"within: 10 days, by: 61%", false},
      {"within: 10 days, by: 1%", true},
      {"within: 1 week, by: 66%", true},  // 1 after 3
      {"within: 1 week, by: 67%", false},
      {"within: 2 weeks, by: 1%", false},  // 4 after 3
      {"behavior: trip, within: 10 days, by: 1%", false},
  };
  for (const auto& [row, holds] : rows) {
    EXPECT_EQ(Holds(std::string("{drop: {") + row + "}}"), holds) << row;
  }
}

// A young user has no window before: nothing dropped.
TEST_F(EventConditions, WhoHadNothingBeforeCannotDrop) {
  user().registered = Day(2026, 2, 16);
  EXPECT_FALSE(Holds("{drop: {within: 1 day, by: 1%}}"));
}

// Raw events are gone: days still count, properties do not, and it is said.
TEST_F(EventConditions, SaysWhatGoneEventsLeaveOpen) {
  for (int day : {3, 4}) DidOn(2, day, 9, R"({"item":"a"})");
  DidOn(2, 16, 9, R"({"item":"a"})");
  DidOn(1, 4, 8);
  facts_.kept_from = At(Day(2026, 2, 10), hours(0));
  EXPECT_EQ(Text("{did: {behavior: shop, times: {gte: 4}}}"),
            "did: shop at least 4 times | on 3 days, 3 times (last on "
            "2026-02-16); day grain up to 2026-02-09 | does not hold");
  EXPECT_EQ(Text("{did: {behavior: shop, where: {item: a}, times: 3}}"),
            "did: shop 3 times where item eq a | on 1 day, 1 time (last on "
            "2026-02-16); raw events up to 2026-02-09 are gone | does not "
            "hold");
  // On the day of the last trip nothing is surely later.
  EXPECT_EQ(Text("{did: {behavior: shop, since: trip, times: 1}}"),
            "did: shop 1 time since the last trip | on 1 day, 1 time (last on "
            "2026-02-16); trip last on 2026-02-04; day grain up to 2026-02-09 "
            "| holds");
  EXPECT_EQ(Text("{did: {behavior: shop, within: 8 days, times: 1}}"),
            "did: shop 1 time within 8 days | on 1 day, 1 time (last on "
            "2026-02-16) | holds");
}

}  // namespace
}  // namespace rekindle

#include "engine/conditions/condition.h"

#include "tests/unit/engine/conditions/one_user.h"

namespace rekindle {
namespace {

using namespace std::chrono;

TEST_F(OneUser, InactiveCountsNaturalUnits) {
  struct Row {
    LocalDay last;
    LocalDay today;
    const char* wanted;
    bool holds;
  };
  const Row rows[] = {
      // Months are natural: one day may be a month, thirty may be none.
      {Day(2026, 1, 31), Day(2026, 2, 1), "1 month", true},
      {Day(2026, 1, 1), Day(2026, 1, 31), "1 month", false},
      {Day(2026, 1, 31), Day(2026, 2, 1), "{at_least: [1 month, 14 days]}",
       false},
      {Day(2026, 1, 31), Day(2026, 2, 13), "{at_least: [1 month, 14 days]}",
       false},
      {Day(2026, 1, 31), Day(2026, 2, 14), "{at_least: [1 month, 14 days]}",
       true},
      {Day(2025, 11, 30), Day(2026, 2, 1), "3 months", true},
      {Day(2025, 12, 1), Day(2026, 2, 28), "3 months", false},
      {Day(2025, 12, 1), Day(2026, 2, 28), "{less_than: 3 months}", true},
      {Day(2025, 11, 30), Day(2026, 2, 1), "{less_than: 3 months}", false},
      {Day(2025, 12, 31), Day(2026, 2, 28),
       "{at_least: 2 months, less_than: [3 months, 60 days]}", true},
      {Day(2025, 12, 1), Day(2026, 2, 28),
       "{at_least: 2 months, less_than: [3 months, 60 days]}", false},
      // Days are local days.
      {Day(2026, 2, 3), Day(2026, 2, 17), "14 days", true},
      {Day(2026, 2, 4), Day(2026, 2, 17), "14 days", false},
      {Day(2026, 2, 3), Day(2026, 2, 17), "{less_than: 14 days}", false},
      {Day(2026, 2, 17), Day(2026, 2, 17), "{less_than: 1 day}", true},
      // Weeks are from Monday: 2026-02-15 is a Sunday.
      {Day(2026, 2, 15), Day(2026, 2, 16), "1 week", true},
      {Day(2026, 2, 9), Day(2026, 2, 15), "1 week", false},
      // A leap day is a day.
      {Day(2024, 2, 29), Day(2024, 3, 1), "1 month", true},
      {Day(2024, 2, 29), Day(2024, 3, 14), "14 days", true},
      // Bounds that leave nobody.
      {Day(2026, 2, 3), Day(2026, 2, 17),
       "{at_least: 3 months, less_than: 10 days}", false},
  };
  for (const Row& row : rows) {
    ActiveLast(row.last);
    AsOf(row.today, hours(11));
    EXPECT_EQ(Holds(std::string("{inactive: ") + row.wanted + "}"), row.holds)
        << row.wanted << ": " << FormatDay(row.last) << " to "
        << FormatDay(row.today);
  }
}

TEST_F(OneUser, InactiveCountsPeriodsAsConfigured) {
  facts_.configured = Settings("lifecycle: {period: week}");
  ActiveLast(Day(2026, 2, 15));
  AsOf(Day(2026, 2, 16), hours(9));
  EXPECT_TRUE(Holds("{inactive: 1 period}"));
  EXPECT_FALSE(Holds("{inactive: 1 month}"));
  facts_.configured = Settings("lifecycle: {period: day}");
  EXPECT_TRUE(Holds("{inactive: {at_least: 1 period, less_than: 2 periods}}"));
}

// Registration counts as activity.
TEST_F(OneUser, InactiveSinceRegistration) {
  user().registered = Day(2026, 1, 31);
  EXPECT_TRUE(Holds("{inactive: {at_least: [1 month, 17 days]}}"));
  EXPECT_FALSE(Holds("{inactive: 18 days}"));
}

TEST_F(OneUser, ExplainsInactive) {
  ActiveLast(Day(2026, 1, 3));
  EXPECT_EQ(
      Text("{inactive: {at_least: [1 month, 14 days], less_than: 3 months}}"),
      "inactive: at least 1 month, 14 days; less than 3 months | 1 month, 45 "
      "days (last active 2026-01-03) | holds");
  EXPECT_EQ(Text("{inactive: 2 months}"),
            "inactive: at least 2 months | 1 month, 45 days (last active "
            "2026-01-03) | does not hold");
  EXPECT_EQ(Text("{inactive: 2 weeks}"),
            "inactive: at least 2 weeks | 7 weeks, 45 days (last active "
            "2026-01-03) | holds");
  EXPECT_EQ(Text("{inactive: {less_than: 90 days}}"),
            "inactive: less than 90 days | 45 days (last active 2026-01-03) | "
            "holds");
}

TEST_F(OneUser, ExplainsNeverActive) {
  EXPECT_EQ(Text("{never_active: true}"),
            "never_active: true | no activity | holds");
  EXPECT_EQ(Text("{never_active: false}"),
            "never_active: false | no activity | does not hold");
  ActiveLast(Day(2026, 1, 3));
  EXPECT_EQ(Text("{never_active: true}"),
            "never_active: true | activity on 1 day | does not hold");
  EXPECT_EQ(Text("{never_active: false}"),
            "never_active: false | activity on 1 day | holds");
}

TEST_F(OneUser, DidWithinNaturalDays) {
  Did(1, At(Day(2026, 2, 11), seconds(0)));
  // Seven days back from the 17th begin on the 11th.
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 7 days}}"));
  EXPECT_FALSE(Holds("{did: {behavior: trip, within: 6 days}}"));
  EXPECT_TRUE(Holds("{did_not: {behavior: trip, within: 6 days}}"));
  EXPECT_FALSE(Holds("{did_not: {behavior: trip, within: 7 days}}"));
  // The week from Monday the 16th, and the one before.
  EXPECT_FALSE(Holds("{did: {behavior: trip, within: 1 week}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 2 weeks}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 1 month}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 1 period}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip}}"));
  EXPECT_FALSE(Holds("{did: {behavior: shop}}"));
  EXPECT_TRUE(Holds("{did: {behavior: shop, days: 0}}"));
  EXPECT_TRUE(Holds("{did: {behavior: shop, times: {lt: 3}}}"));
  EXPECT_FALSE(Holds("{did_not: {behavior: shop, times: 0}}"));
}

TEST_F(OneUser, DidCountsTimesAndDays) {
  for (int i = 0; i < 3; ++i) Did(1, At(Day(2026, 2, 10), hours(8 + i)));
  Did(1, At(Day(2026, 2, 12)));
  Did(1, At(Day(2026, 3, 1)));  // later than as_of
  const std::pair<const char*, bool> rows[] = {
      {"days: 2", true},
      {"days: 1", false},
      {"days: {gte: 2}", true},
      {"days: {gt: 2}", false},
      {"days: {lt: 3}", true},
      {"days: {lte: 1}", false},
      {"days: {eq: 2}", true},
      {"times: 4", true},
      {"times: 3", false},
      {"times: {gte: 4}", true},
      {"times: {gte: 5}", false},
      {"times: {gt: 3, lt: 5}", true},
      {"times: {lte: 3}", false},
      {"times: 2", false},
      {"times: {gte: 1}", true},
      {"times: 0", false},
      {"times: 4, days: 2", true},
      {"times: 4, days: {gte: 3}", false},
      {"times: 1, within: 6 days", true},
      {"times: {gte: 2}, within: 6 days", false},
  };
  for (const auto& [row, holds] : rows) {
    const std::string body = std::string("{behavior: trip, ") + row + "}}";
    EXPECT_EQ(Holds("{did: " + body), holds) << row;
    EXPECT_EQ(Holds("{did_not: " + body), !holds) << row;
  }
}

TEST_F(OneUser, DidWithinHoursRolls) {
  Did(1, At(Day(2026, 2, 17), hours(6)));
  Did(1, At(Day(2026, 2, 16), hours(23)));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 6 hours}}"));
  EXPECT_FALSE(Holds("{did: {behavior: trip, within: 359 minutes}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 6 hours, times: 1}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 13 hours, times: 2}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, within: 5 hours, times: 0}}"));
  EXPECT_TRUE(Holds("{did_not: {behavior: trip, within: 5 hours}}"));
  EXPECT_TRUE(Holds("{did: {behavior: shop, within: 5 hours, times: 0}}"));
}

TEST_F(OneUser, ExplainsDid) {
  for (int i = 0; i < 3; ++i) Did(1, At(Day(2026, 2, 10), hours(8 + i)));
  EXPECT_EQ(Text("{did: {behavior: trip, within: 30 days}}"),
            "did: trip within 30 days | on 1 day (last on 2026-02-10) | holds");
  EXPECT_EQ(Text("{did_not: {behavior: trip, within: 3 days}}"),
            "did_not: not: trip within 3 days | on 0 days (last on 2026-02-10) "
            "| holds");
  EXPECT_EQ(Text("{did: {behavior: shop}}"),
            "did: shop | never | does not hold");
  EXPECT_EQ(
      Text("{did: {behavior: trip, times: {gte: 2}, days: {gt: 0, lt: 3}}}"),
      "did: trip on 1 to 2 days and at least 2 times | on 1 day, 3 times (last "
      "on 2026-02-10) | holds");
  EXPECT_EQ(Text("{did: {behavior: trip, times: 1, within: 2 hours}}"),
            "did: trip 1 time within 2 hours | 0 times since 2026-02-17 10:00 "
            "(last on 2026-02-10) | does not hold");
}

// Where raw events are pruned, the days that stand in the columns still count.
TEST_F(OneUser, DidCountsDaysWhereEventsArePruned) {
  for (int d = 1; d <= 5; ++d) Did(1, At(Day(2026, 2, d)));
  facts_.kept_from = At(Day(2026, 2, 17));
  EXPECT_TRUE(Holds("{did: {behavior: trip, times: {gte: 5}}}"));
  EXPECT_TRUE(Holds("{did: {behavior: trip, times: 5}}"));
  EXPECT_FALSE(Holds("{did: {behavior: trip, times: {lt: 5}}}"));
}

TEST_F(OneUser, ExplainsTheRest) {
  user().state = State::kChurned;
  user().substate = "other";
  user().tags = {"vip"};
  user().profile = {{"city", std::string("北京")}, {"age", 30.0}};
  user().labels = {{0, 6, 8, true}, {1, 2, 8, false}};
  user().top = 0;
  const std::pair<const char*, const char*> rows[] = {
      {"{lifecycle: [dormant, churned/driving]}",
       "lifecycle: dormant or churned/driving | churned/other | does not hold"},
      {"{lifecycle: churned}", "lifecycle: churned | churned/other | holds"},
      {"{lifecycle: churned/other}",
       "lifecycle: churned/other | churned/other | holds"},
      {"{prefers: driver}",
       "prefers: driver | driver on 6 of 8 active days (75.0%) | holds"},
      {"{prefers: [shopper, driver]}",
       "prefers: shopper or driver | shopper on 2 of 8 active days (25.0%), "
       "needs 50%; driver on 6 of 8 active days (75.0%) | holds"},
      {"{top_preference: shopper}",
       "top_preference: shopper | driver | does not hold"},
      {"{top_preference: [shopper, driver]}",
       "top_preference: shopper or driver | driver | holds"},
      {"{profile: {city: [上海, 杭州], age: {gte: 18}}}",
       "profile: city in 上海, 杭州; age gte 18 | city 北京; age 30 | does not "
       "hold"},
      {"{profile: {note: {exists: false}}}",
       "profile: note exists false | note missing | holds"},
      {"{tag: [vip, beta]}", "tag: vip or beta | vip | holds"},
      {"{tag: beta}", "tag: beta | not tagged | does not hold"},
      {"{segment: vips}", "segment: vips | vips | holds"},
      {"{segment: [vip_drivers, adults]}",
       "segment: vip_drivers or adults | adults | holds"},
      {"{tag: vip, profile: {age: 30}, lifecycle: new}",
       "all: all of them | 2 of 3 hold | does not hold"},
      {"{any: [{tag: beta}, {tag: vip}]}",
       "any: one of them | 1 of 2 hold | holds"},
      {"{not: {tag: beta}}",
       "not: it does not hold | it does not hold | holds"},
      {"{not: {tag: vip}}", "not: it does not hold | it holds | does not hold"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(Text(text), expected);

  user().labels = {{0, 1, 1, false}};
  user().top.reset();
  EXPECT_EQ(Text("{prefers: [driver, shopper]}"),
            "prefers: driver or shopper | driver on 1 of 1 active days "
            "(100.0%), needs 2 active days; shopper on no active day | does "
            "not hold");
  EXPECT_EQ(Text("{top_preference: driver}"),
            "top_preference: driver | no label | does not hold");
}

TEST_F(OneUser, ProfileKnowsEveryOperator) {
  user().profile = {{"city", std::string("上海")},
                    {"age", 30.0},
                    {"vip", true},
                    {"phone", std::string("007")},
                    {"joined", std::string("2025-06-01")}};
  const std::pair<const char*, bool> rows[] = {
      {"city: 上海", true},
      {"city: [杭州, 上海]", true},
      {"age: {eq: 30}", true},
      {"age: \"30\"", true},
      {"phone: 7", false},
      {"vip: true", true},
      {"city: {ne: 上海}", false},
      {"note: {ne: x}", true},
      {"age: {gt: 30}", false},
      {"age: {gte: 30}", true},
      {"age: {lt: 30.5}", true},
      {"age: {lte: 29}", false},
      {"note: {gte: 0}", false},
      {"city: {in: [上海]}", true},
      {"city: {not_in: [上海, 杭州]}", false},
      {"note: {not_in: [x]}", true},
      {"city: {contains: 海}", true},
      {"city: {contains: [京, 津]}", false},
      {"city: {starts_with: 上}", true},
      {"city: {starts_with: 海}", false},
      {"note: {exists: false}", true},
      {"city: {exists: false}", false},
      {"joined: {before: 2025-06-02}", true},
      {"joined: {before: 2025-06-01}", false},
      {"joined: {after: 2025-05-31}", true},
      {"joined: {after: \"2025-06-01T00:00:00+08:00\"}", false},
      {"city: {before: 2025-06-01}", false},
      {"age: {gte: 18, lt: 30}", false},
      {"age: {gte: 18}, vip: false", false},
  };
  for (const auto& [row, holds] : rows) {
    EXPECT_EQ(Holds(std::string("{profile: {") + row + "}}"), holds) << row;
  }
}

TEST_F(OneUser, ExplainsByParts) {
  user().tags = {"vip"};
  const Finding all = Explain("{tag: vip, segment: [vip_drivers, adults]}");
  ASSERT_EQ(all.parts.size(), 2u);
  EXPECT_EQ(all.parts[0].key, "tag");
  EXPECT_TRUE(all.parts[0].holds);
  const Finding& segments = all.parts[1];
  ASSERT_EQ(segments.parts.size(), 2u);
  EXPECT_EQ(segments.parts[0].wanted.English(), "vip_drivers");
  EXPECT_EQ(segments.parts[0].actual.English(), "not in it");
  ASSERT_EQ(segments.parts[0].parts.size(), 1u);
  const Finding& inner = segments.parts[0].parts[0];
  EXPECT_EQ(inner.key, "all");
  EXPECT_EQ(inner.actual.English(), "1 of 2 hold");
  EXPECT_EQ(inner.parts[1].key, "did");
}

// Who is not known is in no condition and in no opposite of one.
TEST_F(OneUser, NotKnown) {
  user().known = false;
  for (const char* text :
       {"{tag: vip}", "{not: {tag: vip}}", "{did_not: {behavior: trip}}",
        "{never_active: true}", "{profile: {a: {exists: false}}}",
        "{inactive: 1 day}", "{all: [{not: {tag: vip}}]}"}) {
    const Finding finding = Explain(text);
    EXPECT_FALSE(finding.holds) << text;
    EXPECT_EQ(finding.actual.English(), "not known at this time") << text;
    EXPECT_FALSE(finding.wanted.empty()) << text;
  }
}

}  // namespace
}  // namespace rekindle

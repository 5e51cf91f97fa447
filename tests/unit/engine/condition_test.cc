#include "engine/audience/condition.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/fake_facts.h"
#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

using testing::FakeFacts;
using testing::FakeUser;
using testing::MessagesOf;
using testing::YamlOf;
using namespace std::chrono;

LocalDay Day(int y, int m, int d) { return local_days(year(y) / m / d); }

constexpr char kSettings[] = R"(
time_zone: Asia/Shanghai
behaviors:
  trip: {event: trip_completed}
  shop: {event: order_paid}
lifecycle:
  substates: {churned: {driving: {did: {behavior: trip, within: 2 months}}}}
preferences:
  min_active_days: 2
  labels: {driver: trip, shopper: shop}
segments:
  vips: {tag: vip}
  adults: {profile: {age: {gte: 18}}}
  vip_drivers: {segment: vips, did: {behavior: trip}}
)";

EngineSettings Settings(const std::string& text = kSettings) {
  yaml::Diagnostics d;
  yaml::Section main(YamlOf(text), d, "settings");
  std::vector<yaml::Section> none;
  EngineSettings settings = ParseEngineSettings(main, none, d);
  main.Finish();
  EXPECT_EQ(MessagesOf(d), "");
  return settings;
}

std::shared_ptr<const Condition> Parsed(const std::string& text,
                                        const EngineSettings& settings,
                                        yaml::Diagnostics* d) {
  return ParseCondition(YamlOf(text), VocabularyOf(settings), *d, "when");
}

// Warnings are no concern here.
std::shared_ptr<const Condition> Good(const std::string& text,
                                      const EngineSettings& settings) {
  yaml::Diagnostics d;
  auto condition = Parsed(text, settings, &d);
  EXPECT_TRUE(d.ok()) << text << "\n" << MessagesOf(d);
  return condition;
}

// --- what is refused

TEST(ConditionParseTest, Refuses) {
  const EngineSettings settings = Settings();
  const std::pair<const char*, const char*> rows[] = {
      {"{inactiv: 1 day}",
       "test.yaml:1:2: unknown condition \"inactiv\"; did you mean "
       "\"inactive\"?"},
      {"{touched: {rule: x}}", "test.yaml:1:2: unknown condition \"touched\""},
      {"{not_touched: {rule: x}}",
       "test.yaml:1:2: unknown condition \"not_touched\""},
      {"{breadth: 2}", "test.yaml:1:2: unknown condition \"breadth\""},
      {"{drop: {by: 50%}}", "test.yaml:1:2: unknown condition \"drop\""},
      {"[vip]",
       "test.yaml:1:1: when must be a map of conditions, like {lifecycle: "
       "dormant}, not a list"},
      {"{}", "test.yaml:1:1: when needs at least one condition"},

      {"{lifecycle: dorment}",
       "test.yaml:1:13: unknown state \"dorment\"; did you mean \"dormant\"?"},
      {"{lifecycle: [dormant, churned/drivin]}",
       "test.yaml:1:23: unknown substate \"churned/drivin\"; did you mean "
       "\"churned/driving\"?"},
      {"{lifecycle: dormant/driving}",
       "test.yaml:1:13: unknown substate \"dormant/driving\"; expected "
       "churned/driving or churned/other"},
      {"{lifecycle: {a: b}}",
       "test.yaml:1:13: lifecycle must be a text or a list of texts, not a "
       "map"},
      {"{lifecycle: [dormant, [new]]}",
       "test.yaml:1:23: lifecycle must be a list of texts, not a list"},

      {"{inactive: 6 hours}",
       "test.yaml:1:12: inactive counts days, weeks, months or periods, not "
       "\"6 hours\""},
      {"{inactive: 2 mnoths}",
       "test.yaml:1:12: inactive: \"2 mnoths\" is not a duration; did you mean "
       "\"2 months\"?"},
      {"{inactive: [1 month, 14 days]}",
       "test.yaml:1:12: inactive must be a duration like 1 month, or "
       "{at_least: [1 month, 14 days], less_than: 3 months}, not a list"},
      {"{inactive: {}}",
       "test.yaml:1:12: inactive needs \"at_least\" or \"less_than\""},
      {"{inactive: {at_lest: 14 days, less_than: 30 days}}",
       "test.yaml:1:13: unknown key \"at_lest\" in inactive; did you mean "
       "\"at_least\"?"},
      {"{inactive: {at_least: [14 days, 5 minutes]}}",
       "test.yaml:1:33: at_least counts days, weeks, months or periods, not "
       "\"5 minutes\""},
      {"{inactive: {at_least: 14 days, less_than: 14 days}}",
       "test.yaml:1:12: inactive can never hold: at least 14 days and less "
       "than 14 days"},

      {"{never_active: yes}",
       "test.yaml:1:16: never_active must be true or false, not \"yes\"; write "
       "true"},
      {"{prefers: drivr}",
       "test.yaml:1:11: unknown label \"drivr\"; did you mean \"driver\"?"},
      {"{top_preference: [driver, shoper]}",
       "test.yaml:1:27: unknown label \"shoper\"; did you mean \"shopper\"?"},
      {"{profile: {city: }}",
       "test.yaml:1:12: city must be a text, not nothing"},
      {"{profile: vip}",
       "test.yaml:1:11: profile must be a map of profile keys, like {city: "
       "上海, age: {gte: 18}}"},
      {"{profile: {age: {gtee: 18}}}",
       "test.yaml:1:18: unknown operator \"gtee\"; did you mean \"gte\"?"},
      {"{profile: {age: {gte: x}, note: {exists: 1}}}",
       "test.yaml:1:23: age gte must be a number, not \"x\"\n"
       "test.yaml:1:42: note exists must be true or false, not \"1\""},
      {"{segment: adult}",
       "test.yaml:1:11: unknown segment \"adult\"; did you mean \"adults\"?"},
      {"{tag: [vip, {a: b}]}",
       "test.yaml:1:13: tag must be a list of texts, not a map"},
      {"{tag: }",
       "test.yaml:1:2: tag must be a text or a list of texts, not "
       "nothing"},

      {"{did: trip}", "test.yaml:1:7: did must be a map, not a text"},
      {"{did: {within: 3 days}}", "test.yaml:1:7: did needs \"behavior\""},
      {"{did_not: {behavior: tripp}}",
       "test.yaml:1:22: unknown behavior \"tripp\"; did you mean \"trip\"?"},
      {"{did: {behavior: trip, times: many}}",
       "test.yaml:1:31: times must be a whole number, not \"many\""},
      {"{did: {behavior: trip, times: {gte: 3, most: 5}}}",
       "test.yaml:1:40: unknown operator \"most\"; expected eq, gt, gte, lt or "
       "lte"},
      {"{did: {behavior: trip, times: []}}",
       "test.yaml:1:31: times must be a number, or a comparison like {gte: 3}"},
      {"{did: {behavior: trip, days: -1}}",
       "test.yaml:1:30: days must be between 0 and 1000000000, not -1"},
      {"{did: {behavior: trip, days: {gte: 5, lt: 5}}}",
       "test.yaml:1:30: days can never hold: no number is in this range"},
      {"{did: {behavior: trip, days: 2, within: 6 hours}}",
       "test.yaml:1:30: days counts local days, so its \"within\" must be in "
       "days, weeks, months or periods, not \"6 hours\""},

      {"{all: {tag: vip}}",
       "test.yaml:1:7: all must be a list of conditions, like [{lifecycle: "
       "dormant}, {tag: vip}]"},
      {"{any: []}",
       "test.yaml:1:7: any must be a list of conditions, like [{lifecycle: "
       "dormant}, {tag: vip}]"},
      {"{any: [vip]}",
       "test.yaml:1:8: an item of any must be a map of conditions, like "
       "{lifecycle: dormant}, not a text"},
      {"{not: [{tag: vip}]}",
       "test.yaml:1:7: not must be a map of conditions, like {lifecycle: "
       "dormant}, not a list"},
      {"{not: {any: [{tga: vip}, {lifecycle: x}]}}",
       "test.yaml:1:15: unknown condition \"tga\"; did you mean \"tag\"?\n"
       "test.yaml:1:38: unknown state \"x\"; expected new, previous_new, "
       "active, woken, returned, dormant or churned"},
  };
  for (const auto& [text, messages] : rows) {
    yaml::Diagnostics d;
    EXPECT_EQ(Parsed(text, settings, &d), nullptr) << text;
    EXPECT_EQ(MessagesOf(d), messages) << text;
  }
}

// Named by the design, but not built yet: they must not be taken silently.
TEST(ConditionParseTest, RefusesKeysOfDidThatAreNotBuilt) {
  const EngineSettings settings = Settings();
  for (const char* key :
       {"since: shop", "in_a_row: 3 days", "same: item", "where: {a: 1}",
        "total: {property: amount, gte: 5}"}) {
    yaml::Diagnostics d;
    EXPECT_EQ(Parsed(std::string("{did: {behavior: trip, ") + key + "}}",
                     settings, &d),
              nullptr);
    const std::string name =
        std::string(key).substr(0, std::string(key).find(':'));
    EXPECT_EQ(MessagesOf(d), "test.yaml:1:24: unknown key \"" + name +
                                 "\" in did; expected behavior, within, times "
                                 "or days");
  }
}

TEST(ConditionParseTest, WarnsOfMonthsWithoutAFloorInDays) {
  const EngineSettings settings = Settings();
  const auto messages = [&](const std::string& text) {
    yaml::Diagnostics d;
    EXPECT_NE(Parsed(text, settings, &d), nullptr) << text;
    return MessagesOf(d);
  };
  EXPECT_EQ(messages("{inactive: 1 month}"),
            "test.yaml:1:12: warning: inactive \"1 month\" has no floor in "
            "days: months are natural, so on the 1st it holds for everyone "
            "last active 1 month before, even on that month's last day; add "
            "one, like {at_least: [1 month, 14 days]}");
  EXPECT_EQ(messages("{any: [{inactive: {at_least: 3 periods}}]}"),
            "test.yaml:1:19: warning: inactive \"3 periods\" has no floor in "
            "days: months are natural, so on the 1st it holds for everyone "
            "last active 3 periods before, even on that month's last day; add "
            "one, like {at_least: [3 periods, 74 days]}");
  for (const char* text :
       {"{inactive: 14 days}", "{inactive: {at_least: [14 days, 1 month]}}",
        "{inactive: {less_than: 1 month}}", "{not: {inactive: 1 month}}"}) {
    EXPECT_EQ(messages(text), "") << text;
  }
  EXPECT_EQ(messages("{inactive: 2 weeks}"), "");
}

TEST(ConditionParseTest, DoesNotWarnInSubstates) {
  Settings("lifecycle: {substates: {churned: {long: {inactive: 6 months}}}}");
}

TEST(ConditionCollectTest, ListsWhatIsUsed) {
  const EngineSettings settings = Settings();
  ConditionUses uses;
  Good(
      "{any: [{did: {behavior: trip}}, {not: {did_not: {behavior: shop}}}, "
      "{segment: [vips, adults]}, {never_active: true}]}",
      settings)
      ->Collect(&uses);
  EXPECT_EQ(uses.behaviors, (std::set<BehaviorIndex>{0, 1, 2}));
  EXPECT_EQ(uses.segments, (std::set<size_t>{0, 1}));
  EXPECT_FALSE(uses.lifecycle);
  Good("{lifecycle: churned}", settings)->Collect(&uses);
  EXPECT_TRUE(uses.lifecycle);
  EXPECT_FALSE(uses.substates);
  Good("{lifecycle: [new, churned/driving]}", settings)->Collect(&uses);
  EXPECT_TRUE(uses.substates);
}

// --- one user

class OneUser : public ::testing::Test {
 protected:
  OneUser() {
    facts_.configured = Settings();
    facts_.users.resize(1);
    AsOf(Day(2026, 2, 17), hours(12));
    user().registered = Day(2020, 1, 1);
  }

  FakeUser& user() { return facts_.users[0]; }

  Instant At(LocalDay day, seconds time = hours(10)) {
    return facts_.configured.calendar.At(day, time);
  }
  void AsOf(LocalDay day, seconds time) { facts_.now = At(day, time); }
  void Did(BehaviorIndex behavior, Instant at) {
    user().events[behavior].push_back(at);
  }
  void ActiveLast(LocalDay day) { user().events[0] = {At(day)}; }

  // The finding, after a check that the set agrees.
  Finding Explain(const std::string& text) {
    const auto condition = Good(text, facts_.configured);
    Finding finding = condition->Explain(facts_, 0);
    EXPECT_EQ(condition->Select(facts_).Contains(0), finding.holds) << text;
    return finding;
  }
  bool Holds(const std::string& text) { return Explain(text).holds; }
  std::string Text(const std::string& text) {
    const Finding f = Explain(text);
    return f.key + ": " + f.wanted + " | " + f.actual + " | " +
           (f.holds ? "holds" : "does not hold");
  }

  FakeFacts facts_;
};

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

TEST_F(OneUser, ExplainsByParts) {
  user().tags = {"vip"};
  const Finding all = Explain("{tag: vip, segment: [vip_drivers, adults]}");
  ASSERT_EQ(all.parts.size(), 2u);
  EXPECT_EQ(all.parts[0].key, "tag");
  EXPECT_TRUE(all.parts[0].holds);
  const Finding& segments = all.parts[1];
  ASSERT_EQ(segments.parts.size(), 2u);
  EXPECT_EQ(segments.parts[0].wanted, "vip_drivers");
  EXPECT_EQ(segments.parts[0].actual, "not in it");
  ASSERT_EQ(segments.parts[0].parts.size(), 1u);
  const Finding& inner = segments.parts[0].parts[0];
  EXPECT_EQ(inner.key, "all");
  EXPECT_EQ(inner.actual, "1 of 2 hold");
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
    EXPECT_EQ(finding.actual, "not known at this time") << text;
    EXPECT_NE(finding.wanted, "") << text;
  }
}

// --- many users

TEST(ConditionSelectTest, ReadsRawEventsLastAndForFewUsersOnly) {
  FakeFacts facts;
  facts.configured = Settings();
  const Calendar& calendar = facts.configured.calendar;
  facts.now = calendar.EndOf(Day(2026, 2, 17));
  facts.users.resize(5);
  // One event each on as many days as the user's number says.
  for (UserNumber user = 0; user < 5; ++user) {
    facts.users[user].tags = {"vip"};
    for (UserNumber d = 0; d < user; ++d) {
      facts.users[user].events[1].push_back(
          calendar.StartOf(Day(2026, 2, 10) + days(d)));
    }
  }
  facts.users[1].tags.clear();
  using Reads = std::vector<std::vector<UserNumber>>;
  const auto reads = [&](const std::string& text) {
    facts.reads.clear();
    Good(text, facts.configured)->Select(facts);
    return facts.reads;
  };
  // Three or more days are three or more times; none are none.
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}}}"), (Reads{{1, 2}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}}, tag: vip}"),
            (Reads{{2}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}, days: 1}}"),
            (Reads{{1}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 1}}}"), Reads());
  EXPECT_EQ(reads("{did: {behavior: trip, times: 0}}"), Reads());
  // More than two days are too many, whatever the times.
  EXPECT_EQ(reads("{did: {behavior: trip, times: {lte: 2}}}"), (Reads{{1, 2}}));
  EXPECT_EQ(reads("{did: {behavior: trip, times: {gte: 3}}, tag: nobody}"),
            Reads());
  EXPECT_EQ(reads("{any: [{did: {behavior: trip, times: {gte: 3}}}, {tag: "
                  "vip}]}"),
            (Reads{{1}}));
  EXPECT_EQ(reads("{did: {behavior: trip, within: 200 hours}}"),
            (Reads{{1, 2, 3, 4}}));
}

FakeFacts RandomFacts(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  FakeFacts facts;
  facts.configured = Settings();
  const Calendar& calendar = facts.configured.calendar;
  const LocalDay today = Day(2026, 1, 1) + days(below(120));
  facts.now = calendar.At(today, seconds(below(86400)));
  if (below(3) == 0) facts.kept_from = calendar.StartOf(today - days(20));
  facts.users.resize(60);
  for (FakeUser& user : facts.users) {
    user.known = below(8) != 0;
    user.registered = today - days(below(200));
    for (BehaviorIndex behavior = 0; behavior < 3; ++behavior) {
      const int span = 1 + below(below(2) ? 4 : 150);
      for (int n = below(3) == 0 ? 0 : below(12); n > 0; --n) {
        user.events[behavior].push_back(
            calendar.At(today - days(below(span)), seconds(below(86400))));
      }
    }
    user.state = kAllStates[below(7)];
    if (user.state == State::kChurned) {
      user.substate = below(2) ? "driving" : "other";
    }
    if (below(2)) user.tags.insert("vip");
    if (below(2)) user.profile["age"] = static_cast<double>(below(40));
    if (below(2))
      user.profile["city"] = std::string(below(2) ? "上海" : "北京");
    for (size_t label = 0; label < 2; ++label) {
      if (below(2)) user.labels.push_back({label, 3, 5, below(2) == 0});
    }
    for (const LabelShare& share : user.labels) {
      if (share.labeled) user.top = share.label;
    }
  }
  return facts;
}

// A random condition, `depth` levels of nesting at most.
std::string RandomCondition(std::mt19937* random, int depth) {
  static const char* const kLeaves[] = {
      "lifecycle: [dormant, churned/driving]",
      "lifecycle: churned",
      "inactive: {at_least: [1 month, 14 days]}",
      "inactive: {at_least: 2 weeks, less_than: [3 months, 60 days]}",
      "inactive: {less_than: 1 month}",
      "inactive: 1 period",
      "never_active: true",
      "never_active: false",
      "prefers: driver",
      "prefers: [driver, shopper]",
      "top_preference: shopper",
      "profile: {age: {gte: 18}, city: {ne: 北京}}",
      "profile: {city: {exists: false}}",
      "did: {behavior: trip, within: 30 days}",
      "did: {behavior: activity, within: 2 weeks, days: {gte: 2}}",
      "did: {behavior: trip, days: {lt: 3}}",
      "did: {behavior: trip, times: {gte: 4}, within: 2 months}",
      "did: {behavior: shop, times: {gt: 1, lte: 5}}",
      "did: {behavior: shop, times: {lt: 3}, days: {lte: 1}, within: 1 month}",
      "did: {behavior: shop, times: 0, within: 1 period}",
      "did: {behavior: trip, within: 36 hours}",
      "did: {behavior: trip, within: 90 minutes, times: {lte: 1}}",
      "did_not: {behavior: trip, within: 30 days}",
      "did_not: {behavior: shop, times: {gte: 2}}",
      "did_not: {behavior: shop, within: 12 hours}",
      "segment: vip_drivers",
      "segment: [vips, adults]",
      "tag: [vip, beta]",
  };
  const auto below = [&](size_t n) { return (*random)() % n; };
  const auto nested = [&] { return RandomCondition(random, depth - 1); };
  if (depth == 0 || below(3) == 0) {
    return std::string("{") + kLeaves[below(std::size(kLeaves))] + "}";
  }
  switch (below(3)) {
    case 0:
      return "{all: [" + nested() + ", " + nested() + "]}";
    case 1:
      return "{any: [" + nested() + ", " + nested() + ", " + nested() + "]}";
    default:
      return "{not: " + nested() + "}";
  }
}

TEST(ConditionSelectTest, AgreesWithExplainForEveryUser) {
  std::mt19937 random(20260217);
  int64_t held = 0;
  int64_t asked = 0;
  for (uint32_t round = 0; round < 30; ++round) {
    const FakeFacts facts = RandomFacts(round);
    for (int i = 0; i < 30; ++i) {
      const std::string text = RandomCondition(&random, i % 3);
      const auto condition = Good(text, facts.configured);
      ASSERT_NE(condition, nullptr) << text;
      const UserSet selected = condition->Select(facts);
      for (UserNumber user = 0; user < facts.users.size(); ++user) {
        const Finding finding = condition->Explain(facts, user);
        ASSERT_EQ(selected.Contains(user), finding.holds)
            << "round " << round << ", user " << user << ": " << text << "\n"
            << finding.key << ": " << finding.wanted << " | " << finding.actual;
        held += finding.holds;
        ++asked;
      }
    }
  }
  // The data must tell the conditions apart.
  EXPECT_GT(held, asked / 5);
  EXPECT_LT(held, asked * 4 / 5);
}

}  // namespace
}  // namespace rekindle

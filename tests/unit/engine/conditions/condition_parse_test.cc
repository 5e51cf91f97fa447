#include <set>

#include "tests/unit/engine/conditions/condition_fixture.h"

namespace rekindle {
namespace {

using testing::MessagesOf;

TEST(ConditionParseTest, Refuses) {
  const EngineSettings settings = Settings();
  const std::pair<const char*, const char*> rows[] = {
      {"{inactiv: 1 day}",
       "test.yaml:1:2: unknown condition \"inactiv\"; did you mean "
       "\"inactive\"?"},
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
      {"{profile: {age: {gte: 5, lt: 3}}}",
       "test.yaml:1:17: age can never hold: no number is in this range"},
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

      {"{did: {behavior: trip, in_a_row: 3}}",
       "test.yaml:1:34: in_a_row: \"3\" is not a duration: write a whole "
       "number "
       "and a unit, such as \"30 days\""},
      {"{did: {behavior: trip, in_a_row: 2 weeks}}",
       "test.yaml:1:34: in_a_row counts days, like 3 days, not \"2 weeks\""},
      {"{did: {behavior: trip, in_a_row: 2 days, within: 6 hours}}",
       "test.yaml:1:34: in_a_row counts local days, so its \"within\" must be "
       "in days, weeks, months or periods, not \"6 hours\""},
      {"{did: {behavior: trip, since: shp}}",
       "test.yaml:1:31: unknown behavior \"shp\"; did you mean \"shop\"?"},
      {"{did: {behavior: trip, where: {amount: {gte: x}}}}",
       "test.yaml:1:46: amount gte must be a number, not \"x\""},
      {"{did: {behavior: trip, where: amount}}",
       "test.yaml:1:31: where must be a map of properties, like {amount: "
       "{gte: 500}}"},
      {"{did: {behavior: trip, total: {gte: 5}}}",
       "test.yaml:1:31: total needs \"property\""},
      {"{did: {behavior: trip, total: {property: amount}}}",
       "test.yaml:1:31: total needs a comparison: eq, gt, gte, lt or lte"},
      {"{did: {behavior: trip, total: {property: amount, gte: 5, lt: 5}}}",
       "test.yaml:1:31: total can never hold: no number is in this range"},
      {"{did: {behavior: trip, total: {property: amount, gte: many}}}",
       "test.yaml:1:55: total gte must be a number, not \"many\""},
      {"{did: {behavior: trip, total: {proprety: amount, gte: 5}}}",
       "test.yaml:1:31: total needs \"property\"\n"
       "test.yaml:1:32: unknown key \"proprety\" in total; did you mean "
       "\"property\"?"},
      {"{did: {behavior: trip, same: item}}",
       "test.yaml:1:30: same needs to know how often: add times, days, "
       "in_a_row "
       "or total, like {same: item, times: {gte: 3}}"},
      {"{did: {behavior: trip, same: item, times: {lt: 3}}}",
       "test.yaml:1:30: same asks for one value that comes up often enough: "
       "times, days or total must have a floor above 0, like {gte: 3}"},
      {"{did: {behavior: trip, time: 3}}",
       "test.yaml:1:24: unknown key \"time\" in did; did you mean \"times\"?"},

      {"{breadth: 2}", "test.yaml:1:11: breadth must be a map, not a text"},
      {"{breadth: {gte: 2}}", "test.yaml:1:11: breadth needs \"behaviors\""},
      {"{breadth: {behaviors: [trip, shop]}}",
       "test.yaml:1:11: breadth needs a comparison: eq, gt, gte, lt or lte"},
      {"{breadth: {behaviors: [trip, shpo], gte: 2}}",
       "test.yaml:1:30: unknown behavior \"shpo\"; did you mean \"shop\"?"},
      {"{breadth: {behaviors: [trip, trip], gte: 2}}",
       "test.yaml:1:30: behavior \"trip\" stands twice in breadth"},
      {"{breadth: {behaviors: [trip, shop], gte: 3}}",
       "test.yaml:1:11: breadth can never hold: at least 3 of 2 behaviors"},

      {"{drop: {by: 50%}}", "test.yaml:1:8: drop needs \"within\""},
      {"{drop: {within: 30 days, by: 0%}}",
       "test.yaml:1:30: by must be above 0%: a drop by nothing is none"},
      {"{drop: {within: 3661 days, by: 50%}}",
       "test.yaml:1:17: drop compares windows of at most 3660 days, not of "
       "\"3661 days\""},
      {"{drop: {within: 1 month, by: 50}}",
       "test.yaml:1:17: drop compares windows of equal length, so its "
       "\"within\" is in days or weeks, not \"1 month\"\n"
       "test.yaml:1:30: by must be a percentage, such as 50%, not \"50\""},

      {"{touched: true}", "test.yaml:1:11: touched must be a map, not a text"},
      {"{not_touched: {state: deliverd}}",
       "test.yaml:1:23: unknown state of a touch \"deliverd\"; did you mean "
       "\"delivered\"?"},
      {"{touched: {rules: wake}}",
       "test.yaml:1:12: unknown key \"rules\" in touched; did you mean "
       "\"rule\"?"},

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
  // Where a period is a day, periods are such a floor.
  yaml::Diagnostics d;
  Parsed("{inactive: {at_least: [1 month, 14 periods]}}",
         Settings("lifecycle: {period: day}"), &d);
  EXPECT_EQ(MessagesOf(d), "");
}

// A slip in the name of a rule would make "not touched" hold for everyone; but
// campaigns run elsewhere bring names that are not configured.
TEST(ConditionParseTest, WarnsOfRulesAndChannelsThatAreNotConfigured) {
  const EngineSettings settings = Settings(R"(
rules: [{id: wake}, {id: greet}]
channels: {push: {}}
)");
  yaml::Diagnostics d;
  EXPECT_NE(
      Parsed("{touched: {rule: [wake, greeet], channel: psh}}", settings, &d),
      nullptr);
  EXPECT_EQ(MessagesOf(d),
            "test.yaml:1:25: warning: no rule \"greeet\" is configured: only "
            "touches imported under this name count; did you mean "
            "\"greet\"?\n"
            "test.yaml:1:43: warning: no channel \"psh\" is configured: only "
            "touches imported under this name count; did you mean \"push\"?");
}

TEST(ConditionParseTest, KnowsHowLongRawEventsAreKept) {
  const EngineSettings settings = Settings(
      std::string(kConditionSettings) + "retention: {raw_events: 90 days}\n");
  const std::pair<const char*, const char*> rows[] = {
      {"{did: {behavior: trip, within: 90 days, where: {a: 1}}}", ""},
      {"{did: {behavior: trip, within: 12 months}}", ""},
      {"{did: {behavior: trip, in_a_row: 3 days}}", ""},
      {"{did: {behavior: trip, within: 3 months, where: {a: 1}}}",
       "test.yaml:1:32: within 3 months reaches back further than raw events "
       "are kept for 90 days (retention), and properties are read from them: "
       "shorten it, or make a behavior of it, like {event: .., where: ..}: its "
       "days are kept for ever"},
      {"{did: {behavior: trip, total: {property: amount, gte: 1}}}",
       "test.yaml:1:7: without \"within\" it reaches back further than raw "
       "events are kept for 90 days (retention), and properties are read from "
       "them: shorten it, or make a behavior of it, like {event: .., where: "
       "..}: its days are kept for ever"},
      {"{did_not: {behavior: trip, within: 91 days, since: shop}}",
       "test.yaml:1:36: warning: within 91 days reaches back further than raw "
       "events are kept for 90 days (retention): before that each day counts "
       "as one event (day grain)"},
  };
  for (const auto& [text, messages] : rows) {
    yaml::Diagnostics d;
    Parsed(text, settings, &d);
    EXPECT_EQ(MessagesOf(d), messages) << text;
  }
}

// From a 1st of May, four months go back 90 days; from the end of a January, a
// year may have 366.
TEST(ConditionParseTest, KnowsHowLongMonthsMayBe) {
  const auto refuses = [](const std::string& kept, const std::string& within) {
    const EngineSettings settings =
        Settings(std::string(kConditionSettings) +
                 "retention: {raw_events: " + kept + "}\n");
    yaml::Diagnostics d;
    Parsed("{did: {behavior: trip, within: " + within + ", where: {a: 1}}}",
           settings, &d);
    return !d.ok();
  };
  EXPECT_FALSE(refuses("4 months", "90 days"));
  EXPECT_TRUE(refuses("4 months", "91 days"));
  EXPECT_FALSE(refuses("366 days", "12 months"));
  EXPECT_TRUE(refuses("365 days", "12 months"));
  EXPECT_FALSE(refuses("2 weeks", "8 days"));
  EXPECT_TRUE(refuses("2 weeks", "9 days"));
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

TEST(ConditionCollectTest, NeedsTheBehaviorsBehindNames) {
  const EngineSettings settings = Settings();
  const BehaviorIndex trip = settings.behaviors.Find("trip").value();
  const BehaviorIndex shop = settings.behaviors.Find("shop").value();
  const struct {
    std::string when;
    std::set<BehaviorIndex> needed;
  } rows[] = {
      {"{tag: vip}", {0}},
      {"{lifecycle: churned}", {0}},
      {"{lifecycle: churned/driving}", {0, trip}},
      {"{prefers: shopper}", {0, shop}},
      {"{top_preference: [driver, shopper]}", {0, trip, shop}},
      {"{segment: vip_drivers}", {0, trip}},
      {"{not: {any: [{did: {behavior: shop}}, {tag: vip}]}}", {0, shop}},
  };
  for (const auto& [when, needed] : rows) {
    EXPECT_EQ(BehaviorsNeeded(*Good(when, settings), settings), needed) << when;
  }
}

}  // namespace
}  // namespace rekindle

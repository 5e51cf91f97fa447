#include "tests/unit/engine/condition_fixture.h"

namespace rekindle {
namespace {

using testing::MessagesOf;

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

#include "engine/behavior/behavior.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

using testing::MessagesOf;
using testing::YamlOf;

BehaviorSet Parsed(const std::string& behaviors, const std::string& activity,
                   yaml::Diagnostics* d) {
  std::optional<yaml::Node> named;
  if (!activity.empty()) named = YamlOf(activity, "activity.yaml");
  return BehaviorSet::Parse({YamlOf(behaviors)}, named, *d, Calendar::Utc());
}

BehaviorSet Good(const std::string& behaviors,
                 const std::string& activity = "") {
  yaml::Diagnostics d;
  BehaviorSet set = Parsed(behaviors, activity, &d);
  EXPECT_EQ(MessagesOf(d), "");
  return set;
}

// Names of the behaviors an event is one of.
std::vector<std::string> Matching(const BehaviorSet& set,
                                  std::string_view event,
                                  std::string_view properties = "") {
  std::vector<std::string> names;
  set.Match(event, properties,
            [&](BehaviorIndex i) { names.push_back(set.at(i).name); });
  for (BehaviorIndex i = 0; i < set.size(); ++i) {
    const bool listed =
        std::find(names.begin(), names.end(), set.at(i).name) != names.end();
    EXPECT_EQ(set.Matches(i, event, properties), listed) << set.at(i).name;
  }
  return names;
}

using Names = std::vector<std::string>;

constexpr char kCar[] =
    "trip: {event: trip_completed}\n"
    "app_open: {event: app_open}\n"
    "control: {event: [remote_unlock, remote_climate, remote_unlock]}\n"
    "paid_big: {event: order_paid, where: {amount: {gte: 500}, cny: true}}\n"
    "from_ad: {where: {source: ad}}\n";

TEST(BehaviorSetTest, AnyEventIsActivityUnlessOneIsNamed) {
  EXPECT_EQ(BehaviorSet().at(0).name, "activity");
  EXPECT_EQ(BehaviorSet().names(), Names());
  EXPECT_EQ(Matching(BehaviorSet(), "whatever"), Names{"activity"});

  const BehaviorSet any = Good(kCar);
  EXPECT_EQ(any.size(), 6u);
  EXPECT_EQ(any.Find("activity"), 0u);
  EXPECT_EQ(any.Find("trip"), 1u);
  EXPECT_EQ(any.Find("app_open"), 2u);

  const BehaviorSet named = Good(kCar, "app_open");
  EXPECT_EQ(named.size(), 5u);
  EXPECT_EQ(named.at(0).name, "app_open");
  EXPECT_EQ(named.Find("app_open"), 0u);
  EXPECT_EQ(named.Find("trip"), 1u);
  EXPECT_EQ(named.Find("control"), 2u);
  EXPECT_EQ(named.Find("activity"), std::nullopt);
  const Names in_file_order = {"trip", "app_open", "control", "paid_big",
                               "from_ad"};
  EXPECT_EQ(any.names(), in_file_order);
  EXPECT_EQ(named.names(), in_file_order);
}

TEST(BehaviorSetTest, Matches) {
  const BehaviorSet set = Good(kCar, "app_open");
  EXPECT_EQ(Matching(set, "trip_completed"), Names{"trip"});
  EXPECT_EQ(Matching(set, "remote_unlock", "{}"), Names{"control"});
  EXPECT_EQ(Matching(set, "remote_climate"), Names{"control"});
  EXPECT_EQ(Matching(set, "Trip_completed"), Names());
  EXPECT_EQ(Matching(set, "order_paid"), Names());
  EXPECT_EQ(Matching(set, "order_paid", R"({"amount":500,"cny":true})"),
            Names{"paid_big"});
  EXPECT_EQ(Matching(set, "order_paid", R"({"amount":"500.5","cny":"true"})"),
            Names{"paid_big"});
  EXPECT_EQ(Matching(set, "order_paid", R"({"amount":499,"cny":true})"),
            Names());
  EXPECT_EQ(Matching(set, "order_paid", R"({"amount":500})"), Names());
  EXPECT_EQ(Matching(set, "order_paid", R"({"amount":500,)"), Names());
  EXPECT_EQ(Matching(set, "trip_completed", R"({"source":"ad"})"),
            (Names{"from_ad", "trip"}));
  EXPECT_EQ(Matching(set, "order_paid",
                     R"({"amount":100000000000000000000,"cny":true})"),
            Names{"paid_big"});
}

TEST(BehaviorSetTest, MatchesOnManyThreads) {
  const BehaviorSet set = Good(kCar);
  std::vector<std::thread> threads;
  std::atomic<int> matched = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&set, &matched, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string amount = std::to_string(i * 4 + t);
        matched += set.Matches(*set.Find("paid_big"), "order_paid",
                               "{\"cny\":true,\"amount\":" + amount + "}");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(matched, 2000 - 500);
}

TEST(BehaviorSetTest, DefinitionChangesWithItsMeaningOnly) {
  const auto definition = [](const std::string& yaml) {
    return Good("x: " + yaml).at(1).definition;
  };
  EXPECT_EQ(BehaviorSet().at(0).definition, "any event");
  const std::string paid =
      definition("{event: paid, where: {amount: {gte: 500}, cny: true}}");
  EXPECT_EQ(paid, "event 4:paid where 3:cny eq true; 6:amount gte 500");
  EXPECT_EQ(paid, definition("{where: {cny: true, amount: {gte: 500}}, "
                             "event: [paid]}"));
  EXPECT_EQ(definition("{event: [a, b]}"), definition("{event: [b, a, b]}"));

  // Any two of these differ.
  const char* different[] = {
      "{event: paid}",
      "{event: [paid, refund]}",
      "{event: \"paid,refund\"}",
      "{where: {amount: 5}}",
      "{event: paid, where: {amount: 5}}",
      "{event: paid, where: {amount: 6}}",
      "{event: paid, where: {amount: {ne: 5}}}",
      "{event: paid, where: {amount: [5, 6]}}",
      "{event: paid, where: {amount: \"5, 6\"}}",
      "{event: paid, where: {amount: {in: [5, 6], ne: 7}}}",
  };
  std::map<std::string, std::string> seen;
  for (const char* yaml : different) {
    const auto [at, fresh] = seen.emplace(definition(yaml), yaml);
    EXPECT_TRUE(fresh) << yaml << " reads like " << at->second;
  }
}

struct ErrorRow {
  const char* behaviors;
  const char* activity;
  const char* messages;
};

TEST(BehaviorSetTest, Refuses) {
  const ErrorRow rows[] = {
      {"[trip]", "", "test.yaml:1:1: behaviors must be a map, not a list"},
      {"my trip: {event: trip}", "",
       "test.yaml:1:1: the name of a behavior is made of letters, digits, _ "
       "and -, not \"my trip\""},
      {"trip: {evnt: trip}", "",
       "test.yaml:1:1: behavior \"trip\" needs \"event\"\n"
       "test.yaml:1:8: unknown key \"evnt\" in behavior \"trip\"; did you mean "
       "\"event\"?"},
      {"trip: trip_completed", "",
       "test.yaml:1:7: behavior \"trip\" must be a map, not a text"},
      {"trip: {event: {a: b}}", "",
       "test.yaml:1:15: event must be a text or a list of texts, not a map"},
      {"trip: {event: \"\"}", "",
       "test.yaml:1:15: event must be the name of an event, not \"\""},
      {"paid: {event: paid, where: {amount: {get: 5}}}", "",
       "test.yaml:1:38: unknown operator \"get\"; did you mean \"gt\"?"},
      {"paid: {event: paid, where: big}", "",
       "test.yaml:1:28: where must be a map of properties, like {amount: "
       "{gte: 500}}"},
      {"trip: {event: trip}", "tripp",
       "activity.yaml:1:1: unknown behavior \"tripp\"; did you mean \"trip\"?"},
      {"trip: {event: trip}", "[trip]",
       "activity.yaml:1:1: activity must be a text, not a list"},
      {"activity: {event: app_open}", "",
       "test.yaml:1:1: the name \"activity\" means any event here; choose "
       "another, or set `activity: activity`"},
  };
  for (const ErrorRow& row : rows) {
    yaml::Diagnostics d;
    Parsed(row.behaviors, row.activity, &d);
    EXPECT_EQ(MessagesOf(d), row.messages) << row.behaviors;
  }
}

TEST(BehaviorSetTest, ANameDefinedTwiceNamesBothPlaces) {
  yaml::Diagnostics d;
  const auto set = BehaviorSet::Parse(
      {YamlOf("trip: {event: a}", "rules/a.yaml"),
       YamlOf("shop: {event: s}\ntrip: {event: b}", "rules/b.yaml")},
      std::nullopt, d, Calendar::Utc());
  EXPECT_EQ(MessagesOf(d),
            "rules/b.yaml:2:1: behavior \"trip\" is defined twice; first at "
            "rules/a.yaml:1:1");
  EXPECT_EQ(set.names(), (Names{"trip", "shop"}));
}

TEST(PropertyOfTest, ReadsScalars) {
  constexpr char kText[] =
      R"({"s":"上海","n":1.5,"i":-7,"t":true,"z":null,"o":{"s":1},"a":[1],)"
      R"("big":12345678901234567890,"minus":-9007199254740993,"k.e":"dot"})";
  const std::pair<const char*, Value> rows[] = {
      {"s", std::string("上海")},
      {"n", 1.5},
      {"i", -7.0},
      {"t", true},
      {"z", Value()},
      {"o", Value()},
      {"a", Value()},
      {"big", std::string("12345678901234567890")},
      {"minus", std::string("-9007199254740993")},
      {"k.e", std::string("dot")},
      {"missing", Value()},
  };
  for (const auto& [name, value] : rows) {
    EXPECT_EQ(PropertyOf(kText, name), value) << name;
  }
  // One number that no word holds hides none of the others.
  const std::string long_ones =
      R"({"q\"-1":"\\","up":18446744073709551616,"o":[-9223372036854775809],)"
      R"("down":-99999999999999999999, "digits":"18446744073709551616",)" +
      std::string(kText).substr(1);
  for (const auto& [name, value] : rows) {
    if (name == std::string_view("o")) continue;
    EXPECT_EQ(PropertyOf(long_ones, name), value) << name;
  }
  const std::string up = "18446744073709551616";
  EXPECT_EQ(PropertyOf(long_ones, "up"), Value(up));
  EXPECT_EQ(PropertyOf(long_ones, "digits"), Value(up));
  EXPECT_EQ(PropertyOf(long_ones, "down"), Value("-99999999999999999999"));
  EXPECT_EQ(PropertyOf(long_ones, "q\"-1"), Value("\\"));
  for (const char* text : {"", "{", "[]", "7", "{\"s\":1}x"}) {
    EXPECT_EQ(PropertyOf(text, "s"), Value()) << text;
  }
}

}  // namespace
}  // namespace rekindle

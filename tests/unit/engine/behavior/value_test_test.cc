#include "engine/behavior/value_test.h"

#include <gtest/gtest.h>

#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

using testing::MessagesOf;
using testing::YamlOf;

const Calendar& Shanghai() {
  static const Calendar calendar = *Calendar::Load("Asia/Shanghai");
  return calendar;
}

std::optional<ValueTest> Parsed(const std::string& yaml, yaml::Diagnostics* d) {
  return ValueTest::Parse(YamlOf(yaml), *d, "age", Shanghai());
}

struct HoldsRow {
  const char* test;
  Value value;
  bool holds;
};

TEST(ValueTestTest, Holds) {
  const Value missing;
  const std::string s18 = "18";
  const HoldsRow rows[] = {
      // Bare values and lists.
      {"上海", std::string("上海"), true},
      {"上海", std::string("北京"), false},
      {"上海", missing, false},
      {"[上海, 杭州]", std::string("杭州"), true},
      {"[上海, 杭州]", std::string("北京"), false},
      // Numbers and texts.
      {"500", 500.0, true},
      {"500", std::string("500"), true},
      {"500.0", 500.0, true},
      {"\"500\"", 500.0, true},
      {"500", 501.0, false},
      {"0.1", 0.1, true},
      {"007", std::string("007"), true},
      {"007", std::string("7"), false},
      {"7", std::string("007"), false},
      {"007", 7.0, false},
      {"1.1", std::string("1.10"), false},
      {"1.10", std::string("1.10"), true},
      {"0", 0.0, true},
      {"0.5", 0.5, true},
      // true and false are texts as well.
      {"true", true, true},
      {"true", std::string("true"), true},
      {"true", false, false},
      {"false", false, true},
      {"true", 1.0, false},
      {"{eq: 5}", 5.0, true},
      {"{ne: 5}", 5.0, false},
      {"{ne: 5}", 6.0, true},
      {"{ne: 5}", missing, true},
      {"{in: [a, b]}", std::string("b"), true},
      {"{in: a}", std::string("a"), true},
      {"{not_in: [a, b]}", std::string("b"), false},
      {"{not_in: [a, b]}", std::string("c"), true},
      {"{not_in: [a, b]}", missing, true},
      // Comparisons are of numbers.
      {"{gt: 18}", 18.0, false},
      {"{gt: 18}", 18.5, true},
      {"{gte: 18}", 18.0, true},
      {"{gte: 18}", s18, true},
      {"{gte: 9}", s18, true},
      {"{gte: 18}", std::string(" 18 "), true},
      {"{gte: 18}", std::string("18 years"), false},
      {"{gte: 18}", std::string("inf"), false},
      {"{gte: 18}", std::string(""), false},
      {"{gte: 0}", true, false},
      {"{gte: 18}", missing, false},
      {"{lt: 18}", 17.9, true},
      {"{lt: 18}", 18.0, false},
      {"{lt: 18}", missing, false},
      {"{lt: 18}", std::string("young"), false},
      {"{lte: 18}", 18.0, true},
      {"{lte: -1}", -2.0, true},
      // Keys side by side are all meant.
      {"{gte: 18, lt: 30}", 18.0, true},
      {"{gte: 18, lt: 30}", 30.0, false},
      {"{contains: bc}", std::string("abcd"), true},
      {"{contains: bc}", std::string("acbd"), false},
      {"{contains: [x, bc]}", std::string("abcd"), true},
      {"{contains: 50}", 1500.0, true},
      {"{contains: a}", missing, false},
      {"{starts_with: \"+86\"}", std::string("+8613800000000"), true},
      {"{starts_with: \"86\"}", std::string("+8613800000000"), false},
      {"{exists: true}", 0.0, true},
      {"{exists: true}", missing, false},
      {"{exists: false}", missing, true},
      {"{exists: false}", std::string(""), false},
      // A bare date is a local day: 2026-01-01 begins at 16:00 UTC.
      {"{before: 2026-01-01}", std::string("2025-12-31"), true},
      {"{before: 2026-01-01}", std::string("2026-01-01"), false},
      {"{before: 2026-01-01}", std::string("2025-12-31T15:59:59Z"), true},
      {"{before: 2026-01-01}", std::string("2025-12-31T16:00:00Z"), false},
      {"{after: 2026-01-01}", std::string("2026-01-01T15:59:59Z"), false},
      {"{after: 2026-01-01}", std::string("2026-01-01T16:00:00Z"), true},
      {"{after: 2026-01-01}", std::string("2026-01-02"), true},
      {"{after: 2026-01-01}", 1767283200.0, true},
      {"{after: 2026-01-01}", 1767283199.0, false},
      {"{after: 2026-01-01}", std::string("soon"), false},
      {"{after: 2026-01-01}", missing, false},
      // Against an instant, a day counts from its start.
      {"{before: \"2026-01-01T09:00:00+08:00\"}", std::string("2026-01-01"),
       true},
      {"{after: \"2025-12-31T23:00:00+08:00\"}", std::string("2026-01-01"),
       true},
      {"{after: \"2026-01-01T00:00:00+08:00\"}", std::string("2026-01-01"),
       false},
  };
  for (const HoldsRow& row : rows) {
    yaml::Diagnostics d;
    const auto test = Parsed(row.test, &d);
    ASSERT_TRUE(test) << row.test << "\n" << d.Render();
    EXPECT_EQ(test->Holds(row.value), row.holds)
        << row.test << " of \"" << ValueText(row.value) << "\"";
  }
}

TEST(ValueTestTest, Describes) {
  const std::pair<const char*, const char*> rows[] = {
      {"18", "eq 18"},
      {"true", "eq true"},
      {"[上海, 杭州]", "in 上海, 杭州"},
      {"{gte: 18}", "gte 18"},
      {"{gte: 18.50, lt: 30}", "gte 18.5 and lt 30"},
      {"{exists: false}", "exists false"},
      {"{before: 2026-01-01}", "before 2026-01-01"},
      {"[\"a, b\", c]", "in \"a, b\", c"},
      {"[a, \"b, c\"]", "in a, \"b, c\""},
      {"\"\"", "eq \"\""},
      {"'say \"x\"'", "eq \"say \\\"x\\\"\""},
  };
  for (const auto& [yaml, text] : rows) {
    yaml::Diagnostics d;
    const auto test = Parsed(yaml, &d);
    ASSERT_TRUE(test) << yaml << "\n" << d.Render();
    EXPECT_EQ(test->Describe().English(), text) << yaml;
  }
}

TEST(ValueTestTest, Refuses) {
  const std::pair<const char*, const char*> rows[] = {
      {"{get: 18}",
       "test.yaml:1:2: unknown operator \"get\"; did you mean \"gt\"?"},
      {"{gte: many}", "test.yaml:1:7: age gte must be a number, not \"many\""},
      {"{gte: [1]}", "test.yaml:1:7: age gte must be a number, not a list"},
      {"{exists: yes}",
       "test.yaml:1:10: age exists must be true or false, not \"yes\"; write "
       "true"},
      {"{before: soon}",
       "test.yaml:1:10: age before must be a date like 2026-02-14 or an "
       "instant like 2026-02-14T09:30:00+08:00, not \"soon\""},
      {"{in: []}", "test.yaml:1:6: age in must not be an empty list"},
      {"[a, [b]]", "test.yaml:1:5: age must be a list of texts, not a list"},
      {"{}",
       "test.yaml:1:1: age needs a value or an operator: eq, ne, gt, gte, lt, "
       "lte, in, not_in, contains, starts_with, exists, before or after"},
      {"{gte: a, lte: b}",
       "test.yaml:1:7: age gte must be a number, not \"a\"\n"
       "test.yaml:1:15: age lte must be a number, not \"b\""},
  };
  for (const auto& [yaml, message] : rows) {
    yaml::Diagnostics d;
    EXPECT_FALSE(Parsed(yaml, &d)) << yaml;
    EXPECT_EQ(MessagesOf(d), message) << yaml;
  }
}

TEST(ValueTestTest, RefusesRangesThatLeaveNothing) {
  const std::pair<const char*, const char*> rows[] = {
      {"{gte: 5, lt: 3}", "number"},
      {"{gt: 5, lte: 5}", "number"},
      {"{gte: 5, lt: 5}", "number"},
      {"{gte: 5, lte: 5}", ""},
      {"{gt: 5, lt: 5.5}", ""},
      {"{gt: -3, gte: 4, lte: 4}", ""},
      {"{eq: 5, lt: 3}", "number"},
      {"{eq: 5, lte: 5}", ""},
      {"{eq: 5, gt: 5}", "number"},
      {"{eq: old, gt: 5}", "number"},
      {"{eq: old, ne: 5}", ""},
      {"{in: [1, 2], gt: 5}", ""},  // not looked at
      {"{after: 2026-03-02, before: 2026-03-01}", "time"},
      {"{after: 2026-03-01, before: 2026-03-02}", "time"},
      {"{after: 2026-03-01, before: 2026-03-03}", ""},
      {"{after: 2026-03-01, before: 2026-03-02T09:00:00+08:00}", ""},
      {"{after: 2026-03-01, before: 2026-03-01T09:00:00+08:00}", "time"},
      {"{after: 2026-03-01T23:00:00+08:00, before: 2026-03-02}", ""},
      {"{after: 2026-03-02T00:00:00+08:00, before: 2026-03-02}", "time"},
      {"{after: 2026-03-01T09:00:00Z, before: 2026-03-01T09:00:00Z}", "time"},
  };
  for (const auto& [yaml, none] : rows) {
    yaml::Diagnostics d;
    const bool holds = *none == '\0';
    EXPECT_EQ(Parsed(yaml, &d).has_value(), holds) << yaml;
    const std::string message = "test.yaml:1:1: age can never hold: no " +
                                std::string(none) + " is in this range";
    EXPECT_EQ(MessagesOf(d), holds ? "" : message) << yaml;
  }
}

TEST(ValueTextTest, IsForPeople) {
  const std::pair<Value, const char*> rows[] = {
      {Value(), ""},
      {true, "true"},
      {false, "false"},
      {500.0, "500"},
      {-0.0, "0"},
      {0.1, "0.1"},
      {1234567890123.0, "1234567890123"},
      {1e20, "1e+20"},
      {std::string("007"), "007"},
  };
  for (const auto& [value, text] : rows) EXPECT_EQ(ValueText(value), text);
}

}  // namespace
}  // namespace rekindle

#include "config/yaml/node.h"

#include <gtest/gtest.h>

#include "config/yaml/document.h"

namespace rekindle::yaml {
namespace {

// One value of a map `v: <text>`, read by `read`; what comes out as text, or
// the first line of the error without its place.
template <class Read>
std::string ReadValue(const std::string& text, Read read) {
  Diagnostics d;
  auto root = Parse("a.yaml", "v: " + text + "\n", d);
  if (!root) return d.Render();
  std::string value = read(root->Entries()[0].second, d);
  return d.ok() ? value : d.all()[0].message;
}

std::string Integer(const Node& node, Diagnostics& d) {
  return std::to_string(node.AsInteger(d, "limit").value_or(-99));
}
std::string Number(const Node& node, Diagnostics& d) {
  return std::to_string(node.AsNumber(d, "limit").value_or(-99));
}
std::string Bool(const Node& node, Diagnostics& d) {
  return node.AsBool(d, "enabled").value_or(false) ? "true" : "false";
}
std::string Share(const Node& node, Diagnostics& d) {
  return std::to_string(node.AsShare(d, "hold_out").value_or(-99));
}
std::string Time(const Node& node, Diagnostics& d) {
  auto duration = node.AsDuration(d, "within");
  return duration ? FormatDuration(*duration) : "";
}
std::string String(const Node& node, Diagnostics& d) {
  return node.AsString(d, "salt").value_or("-");
}
std::string Strings(const Node& node, Diagnostics& d) {
  std::string all;
  for (const auto& text : node.AsStrings(d, "topics")) all += "[" + text + "]";
  return all;
}
std::string Language(const Node& node, Diagnostics& d) {
  auto text = AsLocalized(node, d, "name");
  return text ? text->In("zh") + "/" + text->In("en") : "";
}

TEST(Node, ReadsStrictly) {
  struct {
    std::string (*read)(const Node&, Diagnostics&);
    const char* text;
    const char* result;
  } rows[] = {
      {Integer, "0", "0"},
      {Integer, "-12", "-12"},
      {Integer, "9223372036854775807", "9223372036854775807"},
      {Integer, "9223372036854775808",
       "limit must be a whole number, not \"9223372036854775808\"; it is too "
       "large"},
      {Integer, "010",
       "limit must be a whole number, not \"010\"; leading zeros are not "
       "allowed"},
      {Integer, "0x1F",
       "limit must be a whole number, not \"0x1F\"; write it in decimal "
       "digits"},
      {Integer, "0o17",
       "limit must be a whole number, not \"0o17\"; write it in decimal "
       "digits"},
      {Integer, "two", "limit must be a whole number, not \"two\""},
      {Integer, "1.0", "limit must be a whole number, not \"1.0\""},
      {Integer, "1_000", "limit must be a whole number, not \"1_000\""},
      {Integer, "+1", "limit must be a whole number, not \"+1\""},
      {Integer, "'2'",
       "limit must be a whole number, not the text \"2\"; drop the quotes"},
      {Integer, "[2]", "limit must be a whole number, not a list"},
      {Integer, "{a: 2}", "limit must be a whole number, not a map"},
      {Integer, "", "limit must be a whole number, not nothing"},
      {Number, "12", "12.000000"},
      {Number, "-0.5", "-0.500000"},
      {Number, "1e3", "1000.000000"},
      {Number, "010.5", "limit must be a number, not \"010.5\""},
      {Number, "010",
       "limit must be a number, not \"010\"; leading zeros are not allowed"},
      {Number, ".5", "limit must be a number, not \".5\""},
      {Number, "5.", "limit must be a number, not \"5.\""},
      {Number, ".inf", "limit must be a number, not \".inf\""},
      {Number, ".nan", "limit must be a number, not \".nan\""},
      {Number, "1e999", "limit must be a number, not \"1e999\""},
      {Number, "\"1\"",
       "limit must be a number, not the text \"1\"; drop the quotes"},
      {Bool, "true", "true"},
      {Bool, "false", "false"},
      {Bool, "yes", "enabled must be true or false, not \"yes\"; write true"},
      {Bool, "on", "enabled must be true or false, not \"on\"; write true"},
      {Bool, "True", "enabled must be true or false, not \"True\"; write true"},
      {Bool, "no", "enabled must be true or false, not \"no\"; write false"},
      {Bool, "OFF", "enabled must be true or false, not \"OFF\"; write false"},
      {Bool, "1", "enabled must be true or false, not \"1\""},
      {Bool, "\"true\"",
       "enabled must be true or false, not the text \"true\"; drop the quotes"},
      {Bool, "", "enabled must be true or false, not nothing"},
      {Share, "50%", "0.500000"},
      {Share, "12.5%", "0.125000"},
      {Share, "\"0%\"", "0.000000"},
      {Share, "100%", "1.000000"},
      {Share, "101%", "hold_out must be between 0% and 100%, not \"101%\""},
      {Share, "-1%", "hold_out must be between 0% and 100%, not \"-1%\""},
      {Share, "0.5", "hold_out must be a percentage, such as 50%, not \"0.5\""},
      {Share, "half%",
       "hold_out must be a percentage, such as 50%, not \"half%\""},
      {Share, "[1%]", "hold_out must be a percentage, such as 50%, not a list"},
      {Time, "30 days", "30 days"},
      {Time, "\"1 month\"", "1 month"},
      {Time, "30 dayz",
       "within: \"30 dayz\" is not a duration; did you mean \"30 days\"?"},
      {Time, "{days: 3}",
       "within must be a duration, such as 30 days, not a map"},
      {String, "2026", "2026"},
      {String, "\"\"", ""},
      {String, "[a]", "salt must be a text, not a list"},
      {String, "~", "salt must be a text, not nothing"},
      {Strings, "a", "[a]"},
      {Strings, "[a, 'b c']", "[a][b c]"},
      {Strings, "[]", "topics must not be an empty list"},
      {Strings, "[a, [b]]", "topics must be a list of texts, not a list"},
      {Strings, "{a: b}",
       "topics must be a text or a list of texts, not a map"},
      {Strings, "", "topics must be a text or a list of texts, not nothing"},
      {Language, "小王", "小王/小王"},
      {Language, "{zh: 车, en: Car}", "车/Car"},
      {Language, "{zh: 车}", "车/车"},
      {Language, "{en: Car}", "Car/Car"},
      {Language, "{}", "name needs \"zh\" or \"en\""},
      {Language, "[a]", "name must be a text or {zh: .., en: ..}, not a list"},
      {Language, "{zh: 车, fr: Voiture}",
       "unknown key \"fr\" in name; expected zh or en"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ReadValue(row.text, row.read), row.result) << row.text;
  }
}

TEST(Node, PointsAtItsPlace) {
  Diagnostics d;
  auto root = Parse("a.yaml",
                    "城市: {名: x,\tn: y}\n"
                    "empty:   # nothing\n"
                    "last:\n",
                    d);
  ASSERT_TRUE(root) << d.Render();
  auto entries = root->Entries();
  for (const auto& [key, value] : entries) d.Error(value.position(), "here");
  d.Error(entries[0].second.Entries()[1].second.position(), "and here");
  EXPECT_EQ(d.Render(),
            "a.yaml:1:5: error: here\n"
            "城市: {名: x,\tn: y}\n"
            "      ^\n"
            "a.yaml:1:15: error: and here\n"
            "城市: {名: x,\tn: y}\n"
            "             \t   ^\n"
            "a.yaml:2:1: error: here\n"
            "empty:   # nothing\n"
            "^\n"
            "a.yaml:3:1: error: here\n"
            "last:\n"
            "^\n");
}

TEST(Node, KnowsItsKind) {
  Diagnostics d;
  auto root = Parse("a.yaml", "[{}, [], x, 'y', ~]", d);
  auto items = root->Items();
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0].KindName(), "a map");
  EXPECT_EQ(items[1].KindName(), "a list");
  EXPECT_EQ(items[2].KindName(), "a text");
  EXPECT_EQ(items[4].KindName(), "nothing");
  EXPECT_TRUE(items[2].plain());
  EXPECT_FALSE(items[3].plain());
  EXPECT_EQ(items[3].text(), "y");
  EXPECT_TRUE(items[2].Items().empty());
  EXPECT_TRUE(items[2].Entries().empty());
  EXPECT_TRUE(Node().IsNull());
  EXPECT_EQ(Node().position().line, 0);
}

// yaml-cpp's own assignment writes into the tree.
TEST(Node, AssignmentLeavesTheTreeAlone) {
  Diagnostics d;
  auto root = Parse("a.yaml", "{a: 1, b: 2}", d);
  Node a = root->Entries()[0].second;
  a = root->Entries()[1].second;
  EXPECT_EQ(a.text(), "2");
  EXPECT_EQ(root->Entries()[0].second.text(), "1");
}

TEST(CheckKnown, SuggestsAndLists) {
  struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"app_open", ""},
      {"app_opn", "unknown behavior \"app_opn\"; did you mean \"app_open\"?"},
      {"shop", "unknown behavior \"shop\"; expected app_open or trip"},
      {"[trip]", "behavior must be a text, not a list"},
  };
  for (const auto& row : rows) {
    Diagnostics d;
    auto root = Parse("a.yaml", std::string("v: ") + row.text, d);
    bool known = CheckKnown(root->Entries()[0].second, d, "behavior",
                            {"app_open", "trip"});
    EXPECT_EQ(known, d.ok()) << row.text;
    EXPECT_EQ(d.ok() ? "" : d.all()[0].message, row.message) << row.text;
  }
}

}  // namespace
}  // namespace rekindle::yaml

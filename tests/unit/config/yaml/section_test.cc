#include <gtest/gtest.h>

#include <limits>

#include "config/yaml/document.h"

namespace rekindle::yaml {
namespace {

TEST(Section, ReadsKeyByKey) {
  Diagnostics d;
  auto root = Parse("a.yaml",
                    "salt: '2026'\nmost: 5\nenabled: false\nthreshold: 60%\n"
                    "window: 6 weeks\nnothing:\nlabels: {a: 1}\n",
                    d);
  Section s(*root, d, "preferences");
  EXPECT_TRUE(s.valid());
  EXPECT_EQ(s.GetString("salt", "x"), "2026");
  EXPECT_EQ(s.GetInteger("most", 1, 1, 9), 5);
  EXPECT_EQ(s.GetBool("enabled", true), false);
  EXPECT_EQ(s.Take("threshold")->text(), "60%");
  EXPECT_EQ(s.GetDuration("window", {}), (Duration{6, DurationUnit::kWeek}));
  EXPECT_TRUE(s.Has("labels"));
  EXPECT_TRUE(s.Take("labels")->IsMap());
  EXPECT_FALSE(s.Has("nothing"));
  EXPECT_FALSE(s.Take("nothing"));
  EXPECT_FALSE(s.Has("absent"));
  EXPECT_EQ(s.GetString("absent", "x"), "x");
  EXPECT_EQ(s.GetInteger("absent", 7, 1, 9), 7);
  EXPECT_EQ(s.GetBool("absent", true), true);
  EXPECT_EQ(s.GetDuration("absent", {1, DurationUnit::kDay}),
            (Duration{1, DurationUnit::kDay}));
  s.Finish();
  EXPECT_EQ(d.Render(), "");
}

TEST(Section, ReportsEverythingAtItsPlace) {
  Diagnostics d;
  auto root = Parse("rules/wake.yaml",
                    "tresholds: 50%\nmost: 12\nleast: 0\nwindow: 3 monts\n", d);
  Section s(*root, d, "preferences");
  EXPECT_FALSE(s.Take("threshold"));
  EXPECT_EQ(s.GetInteger("most", 1, 1, 9), 1);
  EXPECT_EQ(s.GetInteger("least", 4, 1, std::numeric_limits<int64_t>::max()),
            4);
  EXPECT_EQ(s.GetDuration("window", {1, DurationUnit::kDay}),
            (Duration{1, DurationUnit::kDay}));
  EXPECT_FALSE(s.Require("labels"));
  s.Finish();
  EXPECT_EQ(
      d.Render(),
      "rules/wake.yaml:1:1: error: preferences needs \"labels\"\n"
      "tresholds: 50%\n"
      "^\n"
      "rules/wake.yaml:1:1: error: unknown key \"tresholds\" in "
      "preferences; did you mean \"threshold\"?\n"
      "tresholds: 50%\n"
      "^\n"
      "rules/wake.yaml:2:7: error: most must be between 1 and 9, not 12\n"
      "most: 12\n"
      "      ^\n"
      "rules/wake.yaml:3:8: error: least must be at least 1, not 0\n"
      "least: 0\n"
      "       ^\n"
      "rules/wake.yaml:4:9: error: window: \"3 monts\" is not a duration; "
      "did you mean \"3 months\"?\n"
      "window: 3 monts\n"
      "        ^\n");
}

TEST(Section, AKeyWithoutACloseOneListsTheKnown) {
  Diagnostics d;
  auto root = Parse("a.yaml", "colour: red\n", d);
  Section s(*root, d, "a label");
  s.Take("behavior");
  s.Take("name");
  s.Take("name");
  s.Finish();
  EXPECT_EQ(d.Render(),
            "a.yaml:1:1: error: unknown key \"colour\" in a label; expected "
            "behavior or name\n"
            "colour: red\n"
            "^\n");
}

TEST(Section, ANodeThatIsNoMapIsSaidOnce) {
  for (const auto& [text, kind] :
       std::vector<std::pair<std::string, std::string>>{
           {"[a]", "a list"}, {"x", "a text"}, {"", "nothing"}}) {
    Diagnostics d;
    auto root = Parse("a.yaml", "limits: " + text + "\n", d);
    Section s(root->Entries()[0].second, d, "limits");
    EXPECT_FALSE(s.valid());
    EXPECT_FALSE(s.Require("every"));
    EXPECT_EQ(s.GetInteger("per_run", 3, 1, 9), 3);
    s.Finish();
    ASSERT_EQ(d.errors(), 1) << d.Render();
    EXPECT_EQ(d.all()[0].message, "limits must be a map, not " + kind);
  }
}

}  // namespace
}  // namespace rekindle::yaml

#include "config/yaml/diagnostics.h"

#include <gtest/gtest.h>

namespace rekindle::yaml {
namespace {

std::shared_ptr<const SourceFile> File(std::string name, std::string text) {
  return std::make_shared<const SourceFile>(
      SourceFile{std::move(name), std::move(text)});
}

std::string RenderOne(const std::string& text, int line, int column) {
  Diagnostics d;
  d.Error({File("a.yaml", text), line, column}, "wrong");
  return d.Render();
}

TEST(Diagnostics, PointsLikeACompiler) {
  struct {
    const char* name;
    std::string text;
    int line;
    int column;
    const char* rendered;
  } rows[] = {
      {"the line and a caret", "a: 1\n  b: x\n", 2, 6,
       "a.yaml:2:6: error: wrong\n"
       "  b: x\n"
       "     ^\n"},
      {"tabs stay tabs", "\tb:\tx\n", 1, 5,
       "a.yaml:1:5: error: wrong\n"
       "\tb:\tx\n"
       "\t  \t^\n"},
      {"wide characters count two", "城市: 上海", 1, 5,
       "a.yaml:1:5: error: wrong\n"
       "城市: 上海\n"
       "      ^\n"},
      {"marks count nothing", "e\u0301: x", 1, 5,
       "a.yaml:1:5: error: wrong\n"
       "e\u0301: x\n"
       "   ^\n"},
      {"a caret behind the end", "a:\r\nb", 1, 3,
       "a.yaml:1:3: error: wrong\n"
       "a:\n"
       "  ^\n"},
      {"broken bytes and control characters", "a\xFF\x1B[: x", 1, 6,
       "a.yaml:1:6: error: wrong\n"
       "a\uFFFD\uFFFD[: x\n"
       "     ^\n"},
      {"no line there", "a: 1\n", 7, 1, "a.yaml:7:1: error: wrong\n"},
      {"a whole file", "a: 1\n", 0, 0, "a.yaml: error: wrong\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(RenderOne(row.text, row.line, row.column), row.rendered)
        << row.name;
  }
}

TEST(Diagnostics, OfALongLineTheCaretsSurroundingsAreShown) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += i == 4'999 ? "市" : "上";
  std::string shown;
  for (int i = 0; i < 200; ++i) shown += i == 120 ? "市" : "上";
  EXPECT_EQ(RenderOne(text, 1, 5'000), "a.yaml:1:5000: error: wrong\n" + shown +
                                           "\n" + std::string(240, ' ') +
                                           "^\n");
  EXPECT_EQ(RenderOne(std::string(10'000, 'x'), 1, 2),
            "a.yaml:1:2: error: wrong\n" + std::string(200, 'x') + "\n ^\n");
}

TEST(Diagnostics, WithoutAFile) {
  Diagnostics d;
  d.Error({}, "wrong");
  EXPECT_EQ(d.Render(), "error: wrong\n");
}

TEST(Diagnostics, SortedAndSaidOnce) {
  auto a = File("a.yaml", "");
  auto b = File("b.yaml", "");
  Diagnostics d;
  d.Error({b, 1, 1}, "4");
  d.Error({a, 10, 1}, "3");
  d.Warning({a, 2, 9}, "2");
  d.Error({a, 2, 3}, "1");
  d.Error({a, 2, 3}, "also 1");
  d.Error({a, 2, 3}, "also 1");
  EXPECT_EQ(d.Render(),
            "a.yaml:2:3: error: 1\n"
            "a.yaml:2:3: error: also 1\n"
            "a.yaml:2:9: warning: 2\n"
            "a.yaml:10:1: error: 3\n"
            "b.yaml:1:1: error: 4\n");
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics d;
  d.Warning({}, "hm");
  EXPECT_TRUE(d.ok());
  d.Error({}, "no");
  EXPECT_FALSE(d.ok());
  EXPECT_EQ(d.errors(), 1);
  EXPECT_EQ(d.all().size(), 2u);
}

}  // namespace
}  // namespace rekindle::yaml

// Places inside YAML texts of every style.
#include "config/yaml/text_position.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

struct PlaceCase {
  const char* yaml;  // `t:` and a text with one X
  int line;
  int column;
};

TEST(PositionInText, FindsAByteInEveryStyle) {
  const std::vector<PlaceCase> cases = {
      {"t: abcX", 1, 7},
      {"t: 你好 X", 1, 7},
      {"t: ab\n  cd X e", 2, 6},
      {"t: 'it''s X'", 1, 11},
      {"t: 'a\n\n   b X'", 3, 6},
      {"t: \"a X\"", 1, 7},
      {"t: \"\\\"\\n\\u4f60\\x41 X\"", 1, 20},
      {"t: \"a \\\n  b X\"", 2, 5},
      {"t: |\n  one\n  two X", 3, 7},
      {"t: |-\n\n    one\n     two X\n", 4, 10},
      {"t: >+2\n  one\n  two\n\n  X", 5, 3},
      {"t: | # X is not this\n  X", 2, 3},
      {"l: [a, \"b X\"]", 1, 11},
  };
  for (const PlaceCase& c : cases) {
    SCOPED_TRACE(c.yaml);
    yaml::Node node = testing::YamlOf(c.yaml).Entries().at(0).second;
    if (node.IsList()) node = node.Items().at(1);
    const size_t offset = node.text().find('X');
    ASSERT_NE(offset, std::string::npos);
    const yaml::Position at = PositionInText(node, offset);
    EXPECT_EQ(at.line, c.line);
    EXPECT_EQ(at.column, c.column);
  }
}

TEST(PositionInText, PointsBehindTheLastWordForBlanksAndTheEnd) {
  const yaml::Node node =
      testing::YamlOf("t: \"ab cd \"").Entries().at(0).second;
  EXPECT_EQ(PositionInText(node, 2).column, 7);
  EXPECT_EQ(PositionInText(node, 6).column, 10);
}

}  // namespace
}  // namespace rekindle

// What YAML lets pass and a configuration must not hold: each message whole.
#include <gtest/gtest.h>

#include "config/yaml/document.h"

namespace rekindle::yaml {
namespace {

std::string Errors(const std::string& text) {
  Diagnostics d;
  bool parsed = Parse("a.yaml", text, d).has_value();
  EXPECT_EQ(parsed, d.ok()) << text;
  return d.Render();
}

TEST(Structure, SoundFiles) {
  for (const char* text :
       {"a: 1\n", "- a\n- b\n", "a: {b: [c, {d: e}]}\n",
        "%YAML 1.2\n---\na: 1\n", "---\na: 1\n...\n",
        "\xEF\xBB\xBF"
        "a: 1\n",
        "a: 1\r\nb: 2\r\n", "a: 'it''s \"'\n", "a: \"\\\"\\\\\"\n",
        "a: |\n  \"open\n", "a: \"x\n  y\"\n", "\"<<\": 1\n", "a: {}\n",
        "a: []\n", "a:\n", "城市: 上海\n", "a: b\n# c\n", "? a\n: b\n",
        "a: it's \"so\n"}) {
    EXPECT_EQ(Errors(text), "") << text;
  }
}

TEST(Structure, Traps) {
  struct {
    const char* name;
    std::string text;
    const char* rendered;
  } rows[] = {
      {"duplicate keys", "a: 1\nb: 2\na: 3\n",
       "a.yaml:3:1: error: duplicate key \"a\"; it is on line 1 already\n"
       "a: 3\n"
       "^\n"},
      {"duplicate keys by another style, nested", "r:\n  - {a: 1, \"a\": 2}\n",
       "a.yaml:2:12: error: duplicate key \"a\"; it is on line 2 already\n"
       "  - {a: 1, \"a\": 2}\n"
       "           ^\n"},
      {"a second document", "a: 1\n---\nb: 2\n",
       "a.yaml:2:1: error: a second document begins here; a file holds exactly "
       "one (is the indentation right?)\n"
       "---\n"
       "^\n"},
      {"a second document by a slip", "- a\nb: c\n",
       "a.yaml:2:1: error: a second document begins here; a file holds exactly "
       "one (is the indentation right?)\n"
       "b: c\n"
       "^\n"},
      {"merge keys", "a:\n  <<: {b: 1}\n",
       "a.yaml:2:3: error: merge keys (<<) are not supported; write the keys "
       "out\n"
       "  <<: {b: 1}\n"
       "  ^\n"},
      {"anchors and aliases", "a: &x {b: 1}\nc: *x\n",
       "a.yaml:1:4: error: anchors (&) and aliases (*) are not supported; "
       "write the value out, or put a text in quotes\n"
       "a: &x {b: 1}\n"
       "   ^\n"},
      {"a cycle", "a: &x [*x]\n",
       "a.yaml:1:4: error: anchors (&) and aliases (*) are not supported; "
       "write the value out, or put a text in quotes\n"
       "a: &x [*x]\n"
       "   ^\n"},
      {"an unknown alias", "include: [*.yaml]\n",
       "a.yaml:1:11: error: a value cannot begin with \"*\" (an alias); put "
       "the text in quotes\n"
       "include: [*.yaml]\n"
       "          ^\n"},
      {"tags", "a: !!int \"3\"\n",
       "a.yaml:1:4: error: tags (!) are not supported; put a text in quotes\n"
       "a: !!int \"3\"\n"
       "   ^\n"},
      {"a template without quotes", "a: {{name}}\n",
       "a.yaml:1:5: error: a key must be a text; put a value that begins with "
       "{{ in quotes\n"
       "a: {{name}}\n"
       "    ^\n"},
      {"a list as a key", "? [a]\n: b\n",
       "a.yaml:1:3: error: a key must be a text; put a value that begins with "
       "{{ in quotes\n"
       "? [a]\n"
       "  ^\n"},
      {"nothing as a key", "~: b\n",
       "a.yaml:1:1: error: a key must be a text; put a value that begins with "
       "{{ in quotes\n"
       "~: b\n"
       "^\n"},
      {"a quote never closed", "a: \"x\nb: 2\n",
       "a.yaml:1:4: error: this quote is never closed\n"
       "a: \"x\n"
       "   ^\n"},
      {"a single quote never closed", "a: 'it''s\n",
       "a.yaml:1:4: error: this quote is never closed\n"
       "a: 'it''s\n"
       "   ^\n"},
      {"an empty file", "", "a.yaml: error: the file is empty\n"},
      {"comments alone", "# a: 1\n", "a.yaml: error: the file is empty\n"},
      {"nothing but a document's start", "---\n",
       "a.yaml: error: the file is empty\n"},
      {"bytes that are no UTF-8", "a: 1\nb: \xC9\xCF\xBE\xA9\n",
       "a.yaml:2:4: error: not UTF-8; save the file as UTF-8\n"
       "b: \uFFFD\u03FE\uFFFD\n"
       "   ^\n"},
      {"a control character", "a: x\x04\nb: 2\n",
       "a.yaml:1:5: error: a control character is not allowed\n"
       "a: x\uFFFD\n"
       "    ^\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Errors(row.text), row.rendered) << row.name;
  }
}

TEST(Structure, SyntaxErrors) {
  struct {
    const char* name;
    const char* text;
    const char* rendered;
  } rows[] = {
      {"a tab indents", "a:\n\tb: 1\n",
       "a.yaml:2:1: error: a tab cannot indent; use spaces\n"
       "\tb: 1\n"
       "^\n"},
      {"a tab among spaces", "a:\n  b: 1\n \tc: 2\n",
       "a.yaml:3:2: error: a tab cannot indent; use spaces\n"
       " \tc: 2\n"
       " ^\n"},
      {"a tab before a list", "a:\n\t- b\n",
       "a.yaml:2:1: error: a tab cannot indent; use spaces\n"
       "\t- b\n"
       "^\n"},
      {"a colon in a text", "a: b: c\n",
       "a.yaml:1:5: error: a \":\" cannot stand here; check the indentation "
       "above, or put the text in quotes\n"
       "a: b: c\n"
       "    ^\n"},
      {"wrong indentation", "城市: 1\n  b: 2\n",
       "a.yaml:2:4: error: a \":\" cannot stand here; check the indentation "
       "above, or put the text in quotes\n"
       "  b: 2\n"
       "   ^\n"},
      {"a reserved character", "a: @x\n",
       "a.yaml:1:4: error: a value cannot begin with this character; put the "
       "text in quotes\n"
       "a: @x\n"
       "   ^\n"},
      {"text after a quote", "a: 'x' y\n",
       "a.yaml:1:8: error: this does not continue the map; check the "
       "indentation, quotes and \":\"\n"
       "a: 'x' y\n"
       "       ^\n"},
      {"an open bracket", "a: [1, 2\nb: 3\n",
       "a.yaml:2:2: error: a \"[\" before this is not closed\n"
       "b: 3\n"
       " ^\n"},
      {"an open brace", "a: {b: 1\nc: 3\n",
       "a.yaml:2:2: error: a \"{\" before this is not closed\n"
       "c: 3\n"
       " ^\n"},
      {"a bracket too many", "a: {b: 1}}\n",
       "a.yaml:1:10: error: there is no open bracket that this could close\n"
       "a: {b: 1}}\n"
       "         ^\n"},
      {"a bad escape", "a: \"\\q\"\n",
       "a.yaml:1:7: error: not valid YAML: unknown escape character: q\n"
       "a: \"\\q\"\n"
       "      ^\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Errors(row.text), row.rendered) << row.name;
  }
}

std::string Nested(int depth, const char* open, const char* close) {
  std::string text = "a: ";
  for (int i = 1; i < depth; ++i) text += open;
  for (int i = 1; i < depth; ++i) text += close;
  return text + "\n";
}

TEST(Structure, NestingIsBounded) {
  EXPECT_EQ(Errors(Nested(64, "[", "]")), "");
  std::string text = Nested(65, "[", "]");
  EXPECT_EQ(Errors(text), "a.yaml:1:67: error: nested deeper than 64 levels\n" +
                              text + std::string(66, ' ') + "^\n");
  EXPECT_NE(Errors(Nested(100000, "[", "]")), "");
  EXPECT_NE(Errors(Nested(100000, "{a: ", "}")), "");
}

TEST(Structure, AllOfThemAtOnce) {
  Diagnostics d;
  Parse("a.yaml", "a: 1\na: 2\nb: &x 1\n<<: 3\nc: !t 4\na: 5\n", d);
  EXPECT_EQ(d.errors(), 5) << d.Render();
}

}  // namespace
}  // namespace rekindle::yaml

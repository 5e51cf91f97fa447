// Tests config/base/json_reader.cc: what is no JSON is told from what only
// keeps one item out.
#include "config/base/json_reader.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

using namespace std::string_literals;

TEST(JsonObjectReaderTest, AStringIsAFaultOfItsItemOrNoJson) {
  struct Case {
    std::string string;  // as it stands between quotes
    const char* outcome;
  };
  const Case cases[] = {
      {R"(plain \"\\\/\b\f\n\r\t\u00e9)", "read"},
      {R"(half a pair \ud800 \n)", "a fault"},
      {R"(no escape \q)", "refused"},
      {R"(no escape \q behind half a pair \ud800)", "refused"},
      {R"(half a pair \ud800, no digit \u12g4)", "refused"},
      {"half a pair \\ud800, a backslash before a NUL \\\0 ."s, "refused"},
  };
  JsonObjectReader reader;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.string);
    std::string text = R"({"list":[{"a":1},{"a":")" + c.string + R"("}]})";
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    std::vector<JsonFault> faults;
    const auto read = reader.ReadItemsInPlace(text, "list", &faults);
    const char* outcome = !read            ? "refused"
                          : faults.empty() ? "read"
                                           : "a fault";
    EXPECT_STREQ(outcome, c.outcome);
  }
}

}  // namespace
}  // namespace rekindle

#include "config/base/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace rekindle {
namespace {

std::string Write(RowFormat format, const std::vector<std::string>& columns,
                  const std::vector<std::vector<Cell>>& rows) {
  std::ostringstream out;
  auto sink = MakeRowSink(format, out);
  sink->Header(columns);
  for (const auto& row : rows) sink->Row(row);
  sink->Finish();
  return out.str();
}

Cell Text(const char* text) { return std::string(text); }

TEST(Rows, CellText) {
  struct {
    Cell cell;
    const char* text;
  } rows[] = {
      {std::monostate(), ""},
      {true, "true"},
      {false, "false"},
      {int64_t{-9223372036854775807 - 1}, "-9223372036854775808"},
      {0.5, "0.500000"},
      {1.0 / 3, "0.333333"},
      {-0.0000001, "0.000000"},
      {1e20, "100000000000000000000.000000"},
      {std::nan(""), ""},
      {INFINITY, ""},
      {std::string("a"), "a"},
  };
  for (const auto& row : rows) EXPECT_EQ(CellText(row.cell), row.text);
}

TEST(Rows, CsvFieldQuotesOnlyWhereItMust) {
  EXPECT_EQ(CsvField("a b"), "a b");
  EXPECT_EQ(CsvField("=HYPERLINK(1)"), "=HYPERLINK(1)");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(CsvField("a\nb"), "\"a\nb\"");
  EXPECT_EQ(CsvField("a\rb"), "\"a\rb\"");
}

TEST(Rows, Csv) {
  EXPECT_EQ(Write(RowFormat::kCsv, {"user_id", "share", "labeled"},
                  {{Text("a,1"), 0.25, true}, {Text("b"), {}, false}}),
            "user_id,share,labeled\n"
            "\"a,1\",0.250000,true\n"
            "b,,false\n");
}

TEST(Rows, Ndjson) {
  EXPECT_EQ(Write(RowFormat::kNdjson, {"z", "a", "n"},
                  {{Text("x\"\n"), 0.25, int64_t{3}},
                   {Text(""), {}, true},
                   {Text("\xFF中"), std::nan(""), false}}),
            "{\"z\":\"x\\\"\\n\",\"a\":0.250000,\"n\":3}\n"
            "{\"z\":\"\",\"a\":null,\"n\":true}\n"
            "{\"z\":\"\uFFFD中\",\"a\":null,\"n\":false}\n");
}

TEST(Rows, TableAlignsByWidth) {
  EXPECT_EQ(Write(RowFormat::kTable, {"city", "users", "rate", "note"},
                  {{Text("上海"), int64_t{12}, 0.5, Text("x")},
                   {Text("Wuhu"), int64_t{3}, {}, {}},
                   {Text("北京市"), int64_t{12345}, 0.25, Text("")}}),
            "city    users      rate  note\n"
            "上海       12  0.500000  x\n"
            "Wuhu        3\n"
            "北京市  12345  0.250000\n");
}

TEST(Rows, TableLetsNoControlCharacterThrough) {
  EXPECT_EQ(Write(RowFormat::kTable, {"a", "b"},
                  {{Text("x\ny\x1B[31m\u009B"), Text("z")}}),
            "a          b\n"
            "x y [31m   z\n");
}

TEST(Rows, FormatWords) {
  EXPECT_EQ(ParseRowFormat("table"), RowFormat::kTable);
  EXPECT_EQ(ParseRowFormat("csv"), RowFormat::kCsv);
  EXPECT_EQ(ParseRowFormat("ndjson"), RowFormat::kNdjson);
  EXPECT_EQ(ParseRowFormat("json"), std::nullopt);
}

}  // namespace
}  // namespace rekindle

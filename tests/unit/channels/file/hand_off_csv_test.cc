#include "channels/file/hand_off_csv.h"

#include <gtest/gtest.h>

#include "tests/unit/channels/channel_test.h"

namespace rekindle {
namespace {

using namespace channel_testing;

using namespace std::string_literals;

TEST(HandOffCsvTest, FileNames) {
  const struct {
    std::string rule, name;
  } kRows[] = {
      {"wake-car-control", "wake-car-control-20260201T020000Z.csv"},
      {"唤醒", "唤醒-20260201T020000Z.csv"},
      {"../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd-20260201T020000Z.csv"},
      {".hidden", "%2Ehidden-20260201T020000Z.csv"},
      {"a b%\n"s, "a%20b%25%0A-20260201T020000Z.csv"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(HandOffFileName(row.rule, kSlot), row.name) << row.rule;
  }
}

TEST(HandOffCsvTest, LongRuleIdsStayApart) {
  const std::string a(300, 'a');
  const std::string name = HandOffFileName(a, kSlot);
  EXPECT_LE(name.size(), 255);
  EXPECT_NE(name, HandOffFileName(a + "b", kSlot));
}

TEST(HandOffCsvTest, NoCellBeginsLikeAFormula) {
  const struct {
    std::string text, cell;
  } kRows[] = {
      {"", ""},
      {"plain", "plain"},
      {"=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"},
      {"+8613800138000", "+8613800138000"},
      {"-12.50", "-12.50"},
      {"+1+cmd", "'+1+cmd"},
      {"+", "'+"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "'\t=1"},
      {"\r=1", "'\r=1"},
      {"'=1", "'=1"},
      {"1=1", "1=1"},
      {"\0=1"s, "'=1"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(SafeCell(row.text), row.cell) << row.text;
  }
}

TEST(HandOffCsvTest, Rows) {
  EXPECT_EQ(CsvRow({"t1", "u,1", "say \"hi\"\nnow", "=1,2"}),
            "t1,\"u,1\",\"say \"\"hi\"\"\nnow\",\"'=1,2\"\n");
}

TEST(HandOffCsvTest, WholeRows) {
  const struct {
    std::string content;
    size_t whole;
  } kRows[] = {
      {"", 0},
      {"a,b", 0},
      {"a,b\n", 4},
      {"a,b\nc", 4},
      {"a,b\nc,\"x\ny", 4},
      {"a,b\nc,\"x\ny\"\n", 12},
      {"a,b\nc,\"x\"\"\ny", 4},
      {"a,b\n\0\0\0"s, 4},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(WholeRows(row.content), row.whole) << row.content;
  }
}

}  // namespace
}  // namespace rekindle

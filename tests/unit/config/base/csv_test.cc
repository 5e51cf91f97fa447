#include "config/base/csv.h"

#include <gtest/gtest.h>

#include <sstream>

#include "config/base/rows.h"

namespace rekindle {
namespace {

// Every record as "line:[field][field]" or "line:error {raw}".
std::string ReadAll(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<std::string> fields;
  std::string all;
  while (reader.Next(&fields)) {
    all += std::to_string(reader.line()) + ":";
    if (!reader.error().empty()) {
      all += reader.error() + " {" + reader.raw() + "}";
    }
    for (const std::string& field : fields) all += "[" + field + "]";
    all += " ";
  }
  return all;
}

TEST(CsvReader, Reads) {
  struct {
    const char* text;
    const char* records;
  } rows[] = {
      {"", ""},
      {"a,b\nc,d\n", "1:[a][b] 2:[c][d] "},
      {"a,b\r\nc,d", "1:[a][b] 2:[c][d] "},
      {"\xEF\xBB\xBFid,x\n", "1:[id][x] "},
      {"\xEF\xBB\xBF\"id\",x\n", "1:[id][x] "},
      {"a,,\n,\n", "1:[a][][] 2:[][] "},
      {"a\n\n\r\nb\n", "1:[a] 4:[b] "},
      {"\"\"\n", "1:[] "},
      {"\"a,b\",\"c\"\"d\"\n", "1:[a,b][c\"d] "},
      {"\"a\nb\",c\nd,e\n", "1:[a\nb][c] 3:[d][e] "},
      {"\"a\r\nb\"\r\nc\r\n", "1:[a\r\nb] 3:[c] "},
      {"\"a\"\r\n", "1:[a] "},
      {"5\" disk,\"x\"\n", "1:[5\" disk][x] "},
      {" \"a\",b\n", "1:[ \"a\"][b] "},
      {"上海,北京\n", "1:[上海][北京] "},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ReadAll(row.text), row.records) << row.text;
  }
}

TEST(CsvReader, SkipsWhatItCannotRead) {
  struct {
    const char* text;
    const char* records;
  } rows[] = {
      {"\"a\"b,c\nd\n", "1:text after a closing quote {\"a\"b,c} 2:[d] "},
      {"x,\"a\nb\"c\r\nd\n",
       "1:text after a closing quote {x,\"a\nb\"c} 3:[d] "},
      // A quote that is never closed costs its own line, not the file.
      {"a\n\"b,c\nd,e\nf\n",
       "1:[a] 2:a quote is never closed {\"b,c} 3:[d][e] 4:[f] "},
      {"\"a\n\"\"\nb\n", "1:a quote is never closed {\"a} 2:[] 3:[b] "},
      {"\"", "1:a quote is never closed {\"} "},
      {"\"a\r\nb\r\n", "1:a quote is never closed {\"a} 2:[b] "},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ReadAll(row.text), row.records) << row.text;
  }
}

TEST(CsvReader, AnOpenQuoteReachesAMegabyteAtMost) {
  std::string text = "\"open\n";
  constexpr int kLines = 300000;
  for (int i = 0; i < kLines; ++i) text += "user,2026\n";
  text += "\"closed\"\n";
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<std::string> fields;
  ASSERT_TRUE(reader.Next(&fields));
  EXPECT_EQ(reader.error(), "a quote is never closed");
  EXPECT_EQ(reader.raw(), "\"open");
  int records = 0;
  while (reader.Next(&fields)) {
    ++records;
    ASSERT_EQ(reader.error(), "");
    ASSERT_EQ(reader.line(), records + 1);
  }
  EXPECT_EQ(records, kLines + 1);
}

TEST(CsvReader, ReadsBackWhatTheSinkWrites) {
  const std::vector<std::string> values = {
      "", " ", "a", "a,b", "\"", "\"\"", "a\nb", "a\r\nb", "\r", "=1+1", "中"};
  std::ostringstream out;
  auto sink = MakeRowSink(RowFormat::kCsv, out);
  for (const std::string& a : values) {
    sink->Row({a});
    for (const std::string& b : values) sink->Row({a, b, a});
  }
  sink->Finish();
  std::istringstream in(out.str());
  CsvReader reader(in);
  std::vector<std::string> fields;
  for (const std::string& a : values) {
    ASSERT_TRUE(reader.Next(&fields));
    EXPECT_EQ(fields, (std::vector<std::string>{a}));
    for (const std::string& b : values) {
      ASSERT_TRUE(reader.Next(&fields));
      EXPECT_EQ(fields, (std::vector<std::string>{a, b, a}));
    }
  }
  EXPECT_FALSE(reader.Next(&fields));
}

}  // namespace
}  // namespace rekindle

#include "config/base/csv.h"

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <sstream>

#include "config/base/csv_text.h"
#include "config/base/rows.h"

namespace rekindle {
namespace {

// Every record as "line:[field][field]" or "line:error {raw}"; `raws` gets all
// of them as they stood.
template <class Reader, class Cells>
std::string ReadAll(Reader& reader, Cells cells,
                    std::vector<std::string>* raws = nullptr) {
  std::string all;
  while (reader.Next(&cells)) {
    all += std::to_string(reader.line()) + ":";
    if (raws != nullptr) raws->emplace_back(reader.raw());
    if (!reader.error().empty()) {
      all += reader.error() + " {" + std::string(reader.raw()) + "}";
    }
    for (const auto& cell : cells) all += "[" + std::string(cell) + "]";
    all += " ";
  }
  return all;
}

std::string ReadAll(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  return ReadAll(reader, std::vector<std::string>());
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

// Random texts of the characters that matter, read from a stream and where they
// stand.
TEST(CsvTextReader, AgreesWithCsvReader) {
  std::mt19937 random(8);
  const std::string pieces[] = {"a",  "bc",   ",",     "\"",   "\"\"", "\n",
                                "\r", "\r\n", "\",\"", "\n\"", "中"};
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    for (int i = static_cast<int>(random() % 16); i > 0; --i) {
      text += pieces[random() % std::size(pieces)];
    }
    std::istringstream in(text);
    CsvReader expected(in, 2);
    TextArena arena;
    CsvTextReader reader(text, 2, arena);
    std::vector<std::string> raws, expected_raws;
    ASSERT_EQ(ReadAll(reader, CsvCells(), &raws),
              ReadAll(expected, std::vector<std::string>(), &expected_raws))
        << text;
    ASSERT_EQ(raws, expected_raws) << text;
  }
}

// Other kinds of export write every cell with quotes.
TEST(CsvTextReader, CellsStayWhereTheyAre) {
  const std::string text =
      "\"u1\",\"2026-02-14\",\"\"\r\nu2,,\"x, y\"\n\"u\"\"3\",\"a\nb\",c";
  TextArena arena;
  CsvTextReader reader(text, 2, arena);
  CsvCells cells;
  const auto in_text = [&](std::string_view cell) {
    return cell.data() >= text.data() &&
           cell.data() + cell.size() <= text.data() + text.size();
  };
  ASSERT_TRUE(reader.Next(&cells));
  EXPECT_EQ(cells, (CsvCells{"u1", "2026-02-14", ""}));
  EXPECT_TRUE(in_text(cells[0]) && in_text(cells[1]));
  ASSERT_TRUE(reader.Next(&cells));
  EXPECT_EQ(cells, (CsvCells{"u2", "", "x, y"}));
  EXPECT_TRUE(in_text(cells[0]) && in_text(cells[2]));
  ASSERT_TRUE(reader.Next(&cells));  // not its first cell, so none of it
  EXPECT_EQ(cells, (CsvCells{"u\"3", "a\nb", "c"}));
  EXPECT_FALSE(in_text(cells[0]));
  EXPECT_EQ(reader.line(), 4);
  EXPECT_FALSE(reader.Next(&cells));
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

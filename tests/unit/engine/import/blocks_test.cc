// Files larger than one block, read on several threads.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engine/import/block_reader.h"
#include "engine/import/ndjson.h"
#include "engine/import/row_source.h"
#include "engine/intake/track_reader.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/engine/intake/now.h"

namespace rekindle {
namespace {

class BlocksTest : public ::testing::Test {
 protected:
  // "line: record" of every row; the file must be longer than one block.
  std::vector<std::string> Rows(const std::string& name,
                                const std::string& bytes, ImportFormat format) {
    auto file = *InputFile::Open(dir_.Write(name, bytes).string());
    auto source =
        *OpenRows(*file, ImportWhat::kEvents, format, Calendar::Utc(), kNow);
    const auto parser = source->MakeParser();
    std::map<int64_t, std::string> rows;  // by line
    int blocks = 0;
    while (auto text = source->NextBlock()) {
      const auto block = parser->Read(*std::move(text));
      ++blocks;
      for (const RefusedRow& row : block->refused()) {
        EXPECT_TRUE(
            rows.emplace(row.source.line,
                         std::string(row.source.record) + " " + row.reason)
                .second)
            << row.source.line;
      }
      for (const RowRun& run : block->runs()) {
        int64_t last = 0;
        for (const SourceRow& row : run.sources) {
          EXPECT_TRUE(rows.emplace(row.line, row.record).second) << row.line;
          EXPECT_GT(row.line, last);
          last = row.line;
        }
      }
    }
    EXPECT_GT(blocks, 1);
    std::vector<std::string> lines;
    for (const auto& [line, text] : rows) {
      lines.push_back(std::to_string(line) + ": " + text);
    }
    return lines;
  }
  testing::TempDir dir_;
};

TEST_F(BlocksTest, CsvRecordsMaySpanLinesAndBlocks) {
  std::mt19937 random(5);
  std::string bytes = "user_id,timestamp,event,note\n";
  std::vector<std::string> expected;
  int line = 2;
  while (bytes.size() < 20'000'000) {
    const bool quoted = random() % 3 == 0;
    std::string record = "u1,2026-02-14,open,";
    std::string note(random() % 3000, 'x');
    int lines = 1;
    if (quoted) {
      note = "\"" + note + "\n\"\"and,\r\n" + note + "\"";
      lines += 2;
    }
    record += note;
    expected.push_back(std::to_string(line) + ": " + record);
    bytes += record + (random() % 2 == 0 ? "\r\n" : "\n");
    line += lines;
    if (random() % 10 == 0) {
      bytes += "\n";
      ++line;
    }
  }
  EXPECT_EQ(Rows("events.csv", bytes, ImportFormat::kCsv), expected);
}

TEST_F(BlocksTest, AQuoteThatIsNeverClosedCostsItsLineOnly) {
  std::string bytes = "user_id,timestamp,event\n";
  std::vector<std::string> expected;
  for (int line = 2; bytes.size() < 20'000'000; ++line) {
    const bool open = line == 1000;
    const std::string record =
        open ? "u1,2026-02-14,\"open" : "u1,2026-02-14,open";
    expected.push_back(std::to_string(line) + ": " + record +
                       (open ? " a quote is never closed" : ""));
    bytes += record + "\n";
  }
  EXPECT_EQ(Rows("events.csv", bytes, ImportFormat::kCsv), expected);
}

TEST_F(BlocksTest, LinesKeepTheirNumbers) {
  std::string bytes = "\xEF\xBB\xBF";
  std::vector<std::string> expected;
  for (int line = 1; bytes.size() < 20'000'000; ++line) {
    if (line % 7 == 0) {
      bytes += "\r\n";
      continue;
    }
    std::string record = R"({"type":"track","userId":"u","event":"e)" +
                         std::to_string(line) +
                         R"(","timestamp":"2026-02-14"})";
    if (line % 11 == 0) record = "{oops}";
    expected.push_back(std::to_string(line) + ": " + record +
                       (line % 11 == 0 ? " not valid JSON" : ""));
    bytes += record + "\n";
  }
  EXPECT_EQ(Rows("events.ndjson", bytes, ImportFormat::kNdjson), expected);
}

std::string TextOf(const MessageView& m) {
  std::string text = std::to_string(static_cast<int>(m.kind)) + " " +
                     Calendar::Utc().Format(m.when.at) +
                     (m.when.by_day ? " by day" : "");
  const std::string id = std::to_string(m.id[0]);
  for (std::string_view part :
       {m.user_id, m.anonymous_id, m.previous_id, m.event, std::string_view(id),
        m.properties, m.traits}) {
    text += "|" + std::string(part);
  }
  return text;
}

// Where the reader of usual lines answers, the reader of all kinds gives the
// same; what it leaves to the other is left for a reason.
TEST(TrackReaderTest, AgreesWithTheReaderOfAllKinds) {
  const std::string base = R"("type":"track","userId":"u1","event":"open",)"
                           R"("timestamp":"2026-02-14T00:00:00Z")";
  const struct {
    std::string line;
    bool usual;
  } cases[] = {
      {"{" + base + "}", true},
      {" { " + base + " } ", true},
      {"{" + base + R"(,"messageId":"m1"})", true},
      {"{" + base + R"(,"anonymousId":"a"})", true},
      {"{" + base + R"(,"properties":{"a":[1,{"b":null}],"城市":"\u4e0a\n"}})",
       true},
      {"{" + base + R"(,"properties": {"a" : 1 } , "x":1})", true},
      {"{" + base + R"(,"properties":{}})", true},
      {"{" + base + R"(,"context":{"app":{"v":"1"},"ip":null},"x":""})", true},
      {"{" + base + R"(,"integrations":{"All":false},"n":[-1.5,0,123]})", true},
      {"{" + base + R"(,"userId":"u2"})", true},
      {"{" + base + R"(,"originalTimestamp":"2026-01-01T00:00:00Z"})", true},
      {"{" + base + R"(,"城市":["上海"],"e":"\"\\\/\b\f\n\r\t\u00e9"})", true},
      // Left to the other, which takes them.
      {"{" + base + R"(,"big":99999999999999999999})", false},
      {"{" + base + R"(,"n":1e3})", false},
      {"{" + base + R"(,"sentAt":3})", false},
      {"{" + base + R"(,"sentAt":""})", false},
      {"{" + base + R"(,"x":"\ud83d\ude00"})", false},
      {"{" + base + R"(,"userId":7})", false},
      {"{" + base + R"(,"userId":"a\u0062"})", false},
      {"{" + base + R"(,"anonymousId":null})", false},
      {"{" + base + R"(,"properties":null})", false},
      {"{" + base + R"(,"properties":{"id":99999999999999999999}})", false},
      {"{" + base + R"(,"context":{"traits":{"a":1}}})", false},
      {"{" + base + R"(,"name":"x"})", false},
      {R"({"type":"page","userId":"u1","timestamp":"2026-02-14"})", false},
      // Left to the other, which refuses them.
      {"{" + base + "", false},
      {"{" + base + "}}", false},
      {"{" + base + "} {}", false},
      {"{" + base + R"(,"x":tru})", false},
      {"{" + base + R"(,"x":"\q"})", false},
      {"{" + base + R"(,"x":01})", false},
      {"{" + base + R"(,"x":-})", false},
      {"{" + base + R"(,"x":1.})", false},
      {"{" + base + R"(,"x":1 2})", false},
      {"{" + base + R"(,"x":truefalse})", false},
      {"{" + base + R"(,"x":"\u12g4"})", false},
      {"{" + base + R"(,"x":"\ud800"})", false},
      {"{" + base + R"(,"x":[1,]})", false},
      {"{" + base + R"(,"x":{"a":1,}})", false},
      {"{" + base + R"(,"x":{"a" 1}})", false},
      {"{" + base + R"(,})", false},
      {"{" + base + ",\"x\":\"\xff\"}", false},
      {"{" + base + ",\"x\":\"\n\"}", false},
      {"{" + base + R"(,"properties":{"a":nul}})", false},
      {"{" + base + R"(,"properties":[]})", false},
      {"{" + base + R"(,"timestamp":"yesterday"})", false},
      {"{" + base + R"(,"event":""})", false},
      {"{" + base + R"(,"x":)" + std::string(64, '[') + std::string(64, ']') +
           "}",
       false},
      {"[]", false},
      {"", false},
      {"{", false},
      {"null", false},
  };
  JsonRowReader all(Calendar::Utc());
  for (const auto& c : cases) {
    std::string padded = c.line;
    padded.append(JsonCursor::kPadding, '\n');
    const std::string_view line =
        std::string_view(padded).substr(0, c.line.size());
    MessageView usual;
    ASSERT_EQ(ReadUsualLine(line, Calendar::Utc(), &usual), c.usual) << c.line;
    if (!c.usual) continue;
    const Result<Message> message = all.ReadMessage(line, kNow);
    ASSERT_TRUE(message) << c.line << ": " << message.error().message;
    EXPECT_EQ(TextOf(usual), TextOf(*message)) << c.line;
  }
}

// Lines with some bytes changed: what the reader of usual lines lets through,
// the other one takes for the same.
TEST(TrackReaderTest, AgreesOnDamagedLines) {
  const std::string line =
      R"({"type":"track","messageId":"m-1","userId":"u1","event":"open",)"
      R"("timestamp":"2026-02-14T00:00:00.123Z","properties":{"a":[1,-2.5,)"
      R"({"b":null,"c":true}],"d":"\u00e9\n\"","城":false},"context":{"ip":)"
      R"("10.0.0.1","app":{"v":[]}},"sentAt":"2026-02-14T00:00:01Z"})";
  const std::string bytes = "{}[],:\"\\0123eE.-+ntfu \n\tx\x01\xe5\xff";
  JsonRowReader all(Calendar::Utc());
  std::mt19937 random(17);
  int usual = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = line;
    for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
      const size_t at = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1);
      }
    }
    std::string padded = text;
    padded.append(JsonCursor::kPadding, static_cast<char>(random()));
    MessageView found;
    if (!ReadUsualLine(std::string_view(padded).substr(0, text.size()),
                       Calendar::Utc(), &found)) {
      continue;
    }
    ++usual;
    const Result<Message> message = all.ReadMessage(text, kNow);
    ASSERT_TRUE(message) << text << ": " << message.error().message;
    ASSERT_EQ(TextOf(found), TextOf(*message)) << text;
  }
  EXPECT_GT(usual, 10'000);
}

}  // namespace
}  // namespace rekindle

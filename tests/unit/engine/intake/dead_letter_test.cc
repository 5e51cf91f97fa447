#include "engine/intake/dead_letter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/support/failing_sync.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using testing::TempDir;

const Instant kRefusedAt = *Calendar::Utc().ParseFrom("2026-02-14T09:30:00Z");

RejectedRow Row(std::string record) {
  return {"in/events.csv",    17,
          "user_id is empty", ImportWhat::kEvents,
          ImportFormat::kCsv, "user_id,timestamp,event",
          std::move(record)};
}

TEST(IntakeDeadLetter, KeepsEveryByteOfARow) {
  for (const std::string& record :
       {std::string(",2026-02-14,open"), std::string("a\"b\nc"),
        std::string("\xff\xfe raw"), std::string("nul\0nul", 7),
        std::string("\xff"), std::string("\xff\xff"), std::string("上海")}) {
    RejectedRow row = Row(record);
    Result<RejectedRow> back = ParseDeadLetterLine(ToDeadLetterLine(row));
    ASSERT_TRUE(back) << record;
    EXPECT_EQ(back->file, row.file);
    EXPECT_EQ(back->line, row.line);
    EXPECT_EQ(back->reason, row.reason);
    EXPECT_EQ(back->what, row.what);
    EXPECT_EQ(back->format, row.format);
    EXPECT_EQ(back->header, row.header);
    EXPECT_EQ(back->record, record);
  }
}

TEST(IntakeDeadLetter, LinesReadWell) {
  EXPECT_EQ(ToDeadLetterLine(Row(",2026-02-14,open")),
            R"({"file":"in/events.csv","line":17,"reason":"user_id is empty",)"
            R"("what":"events","format":"csv",)"
            R"("header":"user_id,timestamp,event",)"
            R"("record":",2026-02-14,open"})");
  RejectedRow json = Row("\xff{");
  json.format = ImportFormat::kNdjson;
  json.what = ImportWhat::kUsers;
  EXPECT_EQ(ToDeadLetterLine(json),
            R"({"file":"in/events.csv","line":17,"reason":"user_id is empty",)"
            R"("what":"users","format":"ndjson","record_base64":"/3s="})");
}

TEST(IntakeDeadLetter, RefusesOtherLines) {
  for (const char* line :
       {"", "{}", "not json", R"({"file":"x","line":"1"})",
        R"({"file":"x","line":1,"what":"dogs","format":"csv"})",
        R"({"file":"x","line":1,"what":"events","format":"dead_letter"})",
        R"({"file":"x","line":1,"what":"events","format":"csv",)"
        R"("record_base64":"?"})"}) {
    Result<RejectedRow> row = ParseDeadLetterLine(line);
    ASSERT_FALSE(row) << line;
    EXPECT_EQ(row.error().message, "not a line of a dead-letter file");
  }
}

TEST(IntakeDeadLetter, FilesAreNamedByTimeAndInputAndListed) {
  TempDir dir;
  EXPECT_TRUE(ListDeadLetters(dir.path()).empty());
  for (int rows : {2, 0, 1}) {
    DeadLetterWriter writer(dir.path(), "in/events.csv", kRefusedAt);
    for (int i = 0; i < rows; ++i) writer.Write(Row(",x,y"));
    writer.Sync();
    EXPECT_EQ(writer.path().empty(), rows == 0);
  }
  std::vector<DeadLetterFile> files = ListDeadLetters(dir.path());
  ASSERT_EQ(files.size(), 2u);
  std::filesystem::path folder = dir / "dead_letter";
  EXPECT_EQ(files[0].path, folder / "20260214T093000Z-events.csv-2.ndjson");
  EXPECT_EQ(files[0].rows, 1);
  EXPECT_EQ(files[1].path, folder / "20260214T093000Z-events.csv.ndjson");
  EXPECT_EQ(files[1].rows, 2);
}

TEST(IntakeDeadLetter, WhatComesInAllDayIsAppended) {
  TempDir dir;
  const RejectedRow row = Row(",x,y");
  AppendToDeadLetter(dir.path(), {}, kRefusedAt);
  EXPECT_TRUE(ListDeadLetters(dir.path()).empty());
  AppendToDeadLetter(dir.path(), {&row, 1}, kRefusedAt);
  const std::string name = "dead_letter/20260214-intake.ndjson";
  // A crash cuts the last line short; what follows begins on its own.
  const std::string torn = dir.Read(name) + R"({"file":"in/ev)";
  dir.Write(name, torn);
  AppendToDeadLetter(dir.path(), {&row, 1}, kRefusedAt);
  EXPECT_EQ(dir.Read(name), torn + "\n" + ToDeadLetterLine(row) + "\n");

  const RejectedRow other = Row("bob,x,y");
  AppendToDeadLetter(dir.path(), {&other, 1},
                     kRefusedAt + std::chrono::hours(24));
  ASSERT_EQ(ListDeadLetters(dir.path()).size(), 2u);
  const std::string bob = "bob";
  EXPECT_EQ(EraseFromDeadLetters(dir.path(), {&bob, 1}), 1);
  EXPECT_EQ(ListDeadLetters(dir.path()).size(), 1u);
}

TEST(IntakeDeadLetter, IdsAreFoundHoweverTheyAreWritten) {
  const auto json = [](const std::string& id) {
    RejectedRow row = Row(R"({"userId":")" + id + R"(","event":"e"})");
    row.format = ImportFormat::kNdjson;
    return row;
  };
  const struct {
    std::string id;
    RejectedRow row;
    bool names;
  } cases[] = {
      {"张三", json(R"(\u5f20\u4E09)"), true},
      {"张三", json("张三"), true},
      {"张三", json(R"(\u5f20\u4e09\u5f20)"), false},
      {"😀", json(R"(\ud83d\ude00)"), true},
      {"a/b", json(R"(a\/b)"), true},
      {"a\"b\tc", json(R"(a\"b\tc)"), true},
      {"bob", json(R"(\u5f2 \ud83d \ude00 \q bob \)"), true},
      {"say \"hi\"", Row(R"("say ""hi""",x,y)"), true},
  };
  for (const auto& [id, row, names] : cases) {
    TempDir dir;
    AppendToDeadLetter(dir.path(), {&row, 1}, kRefusedAt);
    EXPECT_EQ(EraseFromDeadLetters(dir.path(), {&id, 1}), names ? 1 : 0)
        << id << " " << row.record;
  }
}

TEST(IntakeDeadLetter, AnImportGoesOnAfterAnErasure) {
  const std::string bob = "bob";
  // What is left of the file takes its place; where nothing is, it goes.
  for (const bool others : {true, false}) {
    TempDir dir;
    DeadLetterWriter writer(dir.path(), "in/events.csv", kRefusedAt);
    if (others) writer.Write(Row("ann,x,y"));
    writer.Write(Row("bob,x,y"));
    writer.Sync();
    EXPECT_EQ(EraseFromDeadLetters(dir.path(), {&bob, 1}), 1);
    writer.Write(Row("cat,x,y"));
    writer.Sync();

    const auto files = ListDeadLetters(dir.path());
    ASSERT_EQ(files.size(), 1u) << others;
    EXPECT_EQ(files[0].path, writer.path());
    EXPECT_EQ(files[0].rows, others ? 2 : 1);
    const std::string text =
        dir.Read("dead_letter/" + writer.path().filename().string());
    EXPECT_EQ(text, (others ? ToDeadLetterLine(Row("ann,x,y")) + "\n" : "") +
                        ToDeadLetterLine(Row("cat,x,y")) + "\n");
    const auto mode = std::filesystem::status(writer.path()).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read |
                        std::filesystem::perms::owner_write);
  }
}

TEST(IntakeDeadLetter, RowsThatComeWhileOthersAreErasedStay) {
  constexpr int kRounds = 20;
  TempDir dir;
  DeadLetterWriter writer(dir.path(), "in/events.csv", kRefusedAt);
  const std::string bob = "bob";
  std::atomic<bool> done = false;
  int64_t erased = 0;
  std::thread erasing([&] {
    while (!done) {
      erased += EraseFromDeadLetters(dir.path(), {&bob, 1});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const RejectedRow ann = Row("ann,x,y");
  for (int i = 0; i < kRounds; ++i) {
    writer.Write(Row("bob,x,y"));
    writer.Sync();  // for a moment all rows of the file name bob
    writer.Write(Row("cat,x,y"));
    writer.Sync();
    AppendToDeadLetter(dir.path(), {&ann, 1}, kRefusedAt);
  }
  done = true;
  erasing.join();
  erased += EraseFromDeadLetters(dir.path(), {&bob, 1});
  EXPECT_EQ(erased, kRounds);
  int64_t rows = 0;
  for (const DeadLetterFile& file : ListDeadLetters(dir.path())) {
    rows += file.rows;
  }
  EXPECT_EQ(rows, 2 * kRounds);
}

TEST(IntakeDeadLetter, WhatACrashLeftOfAnErasureGoes) {
  TempDir dir;
  const std::string line = ToDeadLetterLine(Row("ann,x,y")) + "\n";
  dir.Write("dead_letter/a.ndjson", line);
  dir.Write("dead_letter/a.ndjson.new", ToDeadLetterLine(Row("bob,x,y")));
  dir.Write("dead_letter/note.new", "of a person's own");
  const std::string bob = "bob";
  EXPECT_EQ(ListDeadLetters(dir.path()).size(), 1u);
  EXPECT_EQ(EraseFromDeadLetters(dir.path(), {&bob, 1}), 0);
  EXPECT_FALSE(std::filesystem::exists(dir / "dead_letter/a.ndjson.new"));
  EXPECT_TRUE(std::filesystem::exists(dir / "dead_letter/note.new"));
  EXPECT_EQ(dir.Read("dead_letter/a.ndjson"), line);
}

TEST(IntakeDeadLetter, WhatIsLeftIsOnDiskBeforeItTakesTheFilesPlace) {
  TempDir dir;
  const std::string lines = ToDeadLetterLine(Row("ann,x,y")) + "\n" +
                            ToDeadLetterLine(Row("bob,x,y")) + "\n";
  dir.Write("dead_letter/a.ndjson", lines);
  const std::string bob = "bob";
  {
    testing::FailingSync failing("a.ndjson.new");
    EXPECT_THROW(EraseFromDeadLetters(dir.path(), {&bob, 1}),
                 std::system_error);
  }
  EXPECT_EQ(dir.Read("dead_letter/a.ndjson"), lines);
  EXPECT_FALSE(std::filesystem::exists(dir / "dead_letter/a.ndjson.new"));
  EXPECT_EQ(EraseFromDeadLetters(dir.path(), {&bob, 1}), 1);
}

}  // namespace
}  // namespace rekindle

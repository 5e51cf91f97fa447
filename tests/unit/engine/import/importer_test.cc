#include "engine/import/importer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/intake/dead_letter.h"
#include "tests/support/compressed.h"
#include "tests/support/consent_answers.h"
#include "tests/support/settings_text.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/engine/intake/now.h"

namespace rekindle {
namespace {

using testing::TempDir;

constexpr const char* kSettings = R"(
time_zone: Asia/Shanghai
behaviors:
  app_open: {event: app_open}
activity: app_open
consent: {topics: [offers], default: granted}
)";

class ImporterTest : public ::testing::Test {
 protected:
  ImporterTest() : engine_(*Engine::Open(dir_ / "data", Settings())) {}

  static std::shared_ptr<const EngineSettings> Settings() {
    return testing::SettingsFrom(kSettings);
  }

  Result<ImportSummary> TryImport(const std::string& name,
                                  const std::string& bytes,
                                  ImportRequest request = {}) {
    progress_.clear();
    auto file = InputFile::Open(dir_.Write(name, bytes).string());
    return Import(*engine_, **file, request, kNow,
                  [this](const ImportProgress& p) { progress_.push_back(p); });
  }

  ImportSummary ImportText(const std::string& name, const std::string& bytes,
                           ImportWhat what = ImportWhat::kEvents,
                           std::optional<ImportFormat> format = {}) {
    Result<ImportSummary> summary =
        TryImport(name, bytes, {.what = what, .format = format});
    EXPECT_TRUE(summary) << summary.error().message;
    return summary.value_or(ImportSummary());
  }

  std::string Path(const std::string& name) const {
    return (dir_ / name).string();
  }

  // "user event properties", in order of arrival.
  std::vector<std::string> Events() const {
    std::vector<std::string> events;
    engine_->journal().Read(0, [&](const StoredEvent& e) {
      events.push_back(std::string(engine_->users().IdOf(e.user)) + " " +
                       std::string(e.name) + " " + std::string(e.properties));
    });
    return events;
  }

  std::string Profile(const std::string& user) const {
    UserNumber number = engine_->users().Find(user);
    return number == kNoUser ? "nobody" : engine_->users().ProfileOf(number);
  }

  TempDir dir_;
  std::unique_ptr<Engine> engine_;
  std::vector<ImportProgress> progress_;
};

void ExpectCounts(const ImportSummary& s, int64_t read, int64_t accepted,
                  int64_t duplicate, int64_t rejected) {
  EXPECT_EQ(s.read, read);
  EXPECT_EQ(s.accepted, accepted);
  EXPECT_EQ(s.duplicate, duplicate);
  EXPECT_EQ(s.rejected, rejected);
  EXPECT_EQ(s.dead_letter.empty(), rejected == 0);
}

constexpr const char* kEvents =
    "\xEF\xBB\xBFuser_id,timestamp,event,message_id,note\r\n"
    "u1,2026-02-14,app_open,m1,\r\n"
    "\r\n"
    "u2,2026-02-14T09:30:00+08:00,order_paid,m2,\"two\r\nlines, "
    "\"\"one\"\"\"\r\n"
    "u1,1771032600,app_open,m3,last";

TEST_F(ImporterTest, CsvWithMarkCrlfAndQuotedLines) {
  ExpectCounts(ImportText("events.csv", kEvents), 3, 3, 0, 0);
  EXPECT_EQ(Events(), (std::vector<std::string>{
                          "u1 app_open ",
                          "u2 order_paid "
                          R"({"note":"two\u000d\u000alines, \"one\""})",
                          R"(u1 app_open {"note":"last"})"}));
}

TEST_F(ImporterTest, ImportingTwiceChangesNothing) {
  ImportText("events.csv", kEvents);
  std::vector<std::string> before = Events();
  ExpectCounts(ImportText("events.csv", kEvents), 3, 0, 3, 0);
  EXPECT_EQ(Events(), before);
}

TEST_F(ImporterTest, BadRowsAreToldAndTheRestGoesOn) {
  ImportSummary summary = ImportText("events.csv",
                                     "user_id,timestamp,event\n"
                                     "u1,2026-02-14,app_open\n"
                                     ",2026-02-14,app_open\n"
                                     "u1,2026-02-14\n"
                                     "u1,\"x\"y,app_open\n"
                                     "u1,2026-02-14,\"unclosed\n"
                                     "u\xff,2026-02-14,app_open\n"
                                     "u1,2026-03-03,app_open\n"
                                     "u2,2026-02-15,app_open\n");
  ExpectCounts(summary, 8, 2, 0, 6);
  std::string path = Path("events.csv");
  EXPECT_EQ(
      summary.first_errors,
      (std::vector<std::string>{
          path + ":3: user_id is empty",
          path + ":4: 2 cells, but the header has 3 columns",
          path + ":5: text after a closing quote",
          path + ":6: a quote is never closed", path + ":7: not UTF-8 text",
          path + ":8: its time 2026-03-03 is more than 24 hours in the "
                 "future"}));
  EXPECT_EQ(Events(),
            (std::vector<std::string>{"u1 app_open ", "u2 app_open "}));
  EXPECT_EQ(summary.dead_letter, dir_ / "data" / "dead_letter" /
                                     "20260301T000000Z-events.csv.ndjson");
  std::vector<DeadLetterFile> letters = ListDeadLetters(dir_ / "data");
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].path, summary.dead_letter);
  EXPECT_EQ(letters[0].rows, 6);
}

TEST_F(ImporterTest, AtMostTenErrorsAreTold) {
  std::string text = "user_id,timestamp,event\n";
  for (int i = 0; i < 25; ++i) text += ",2026-02-14,x\n";
  ImportSummary summary = ImportText("events.csv", text);
  ExpectCounts(summary, 25, 0, 0, 25);
  EXPECT_EQ(summary.first_errors.size(), 10u);
  EXPECT_EQ(ListDeadLetters(dir_ / "data")[0].rows, 25);
}

TEST_F(ImporterTest, ABadHeaderImportsNothing) {
  struct Case {
    const char* name;
    const char* bytes;
    ImportWhat what;
    const char* message;
  };
  for (const Case& c :
       {Case{"events.csv", "user,timestamp,event\nu1,2026-02-14,x\n",
             ImportWhat::kEvents,
             ":1: the header lacks the column \"user_id\""},
        {"empty.csv", "", ImportWhat::kEvents,
         ": the file is empty; a header line was expected"},
        {"blank.csv", "\n\n", ImportWhat::kEvents,
         ": the file is empty; a header line was expected"},
        {"quote.csv", "\n\"user_id,timestamp\n", ImportWhat::kEvents,
         ":2: the header cannot be read: a quote is never closed"},
        {"touches.ndjson", "{}", ImportWhat::kTouches,
         ": touches are read from CSV only"}}) {
    Result<ImportSummary> summary =
        TryImport(c.name, c.bytes, {.what = c.what});
    ASSERT_FALSE(summary) << c.name;
    EXPECT_EQ(summary.error().kind, ErrorKind::kUsage) << c.name;
    EXPECT_EQ(summary.error().message, Path(c.name) + c.message);
  }
  EXPECT_TRUE(Events().empty());
  EXPECT_TRUE(ListDeadLetters(dir_ / "data").empty());
}

TEST_F(ImporterTest, NdjsonWithMarkCrlfAndBlankLines) {
  ImportSummary summary = ImportText(
      "events.ndjson",
      "\xEF\xBB\xBF{\"type\":\"track\",\"userId\":1,\"event\":\"a\","
      "\"timestamp\":\"2026-02-14\",\"messageId\":\"m1\"}\r\n"
      "\r\n"
      "{\"type\":\"track\",\"userId\":1,\"timestamp\":\"2026-02-14\"}\n"
      "{oops}\n"
      "{\"type\":\"identify\",\"userId\":1,\"traits\":{\"city\":\"x\"}}\n"
      "{\"type\":\"page\",\"userId\":1,\"name\":\"Home\",\"timestamp\":"
      "\"2026-02-14T00:00:00Z\",\"messageId\":\"m1\"}");
  ExpectCounts(summary, 5, 2, 1, 2);
  std::string path = Path("events.ndjson");
  EXPECT_EQ(summary.first_errors,
            (std::vector<std::string>{path + ":3: event is empty",
                                      path + ":4: not valid JSON"}));
  EXPECT_EQ(Events(), (std::vector<std::string>{"1 a "}));
  EXPECT_EQ(Profile("1"), R"({"city":"x"})");
}

// Longer than one block of the file.
TEST_F(ImporterTest, ManyRowsWithProgress) {
  std::string text = "user_id,timestamp,event,message_id\n";
  constexpr int64_t kRows = 350'000;
  const std::string note(20, 'x');
  for (int64_t i = 0; i < kRows; ++i) {
    text += "u" + std::to_string(i % 100) + ",2026-02-14,app_open,m" + note +
            std::to_string(i) + "\n";
  }
  ExpectCounts(ImportText("events.csv", text), kRows, kRows, 0, 0);
  EXPECT_GT(progress_.size(), 2u);
  const auto size = static_cast<int64_t>(text.size());
  EXPECT_TRUE(std::is_sorted(
      progress_.begin(), progress_.end(),
      [](const auto& a, const auto& b) { return a.rows < b.rows; }));
  EXPECT_EQ(progress_.back().rows, kRows);
  EXPECT_EQ(progress_.back().bytes_read, size);
  EXPECT_EQ(progress_.back().bytes_total, size);
  EXPECT_EQ(engine_->journal().stats().events, kRows);
}

TEST_F(ImporterTest, GzipMembersMaySplitARow) {
  std::string text = kEvents;
  ExpectCounts(ImportText("events.csv.gz",
                          Gzip(text.substr(0, 60)) + Gzip(text.substr(60))),
               3, 3, 0, 0);
}

TEST_F(ImporterTest, WhatBreaksOffKeepsWholeRowsOnly) {
  std::string text = "user_id,timestamp,event\n";
  for (int i = 0; i < 30000; ++i) {
    text += "u" + std::to_string(i) + ",2026-02-14,app_open_" +
            std::to_string(i * 7919 % 10007) + "\n";
  }
  std::string packed = Gzip(text);
  Result<ImportSummary> summary =
      TryImport("cut.csv.gz", packed.substr(0, packed.size() / 2));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().kind, ErrorKind::kIo);
  std::vector<std::string> events = Events();
  std::string n = std::to_string(events.size());
  EXPECT_EQ(summary.error().message, Path("cut.csv.gz") +
                                         ": the gzip data is cut short; the " +
                                         n + " rows before it are in: " + n +
                                         " accepted, 0 duplicate, 0 rejected");
  ASSERT_GT(events.size(), 1000u);
  for (size_t i = 0; i < events.size(); ++i) {
    ASSERT_EQ(events[i], "u" + std::to_string(i) + " app_open_" +
                             std::to_string(i * 7919 % 10007) + " ");
  }
}

TEST_F(ImporterTest, UsersTagsAndConsents) {
  ImportSummary summary =
      ImportText("users.csv",
                 "user_id,created_at,city,email,consent.offers\n"
                 "u1,2025-12-20,上海,a@b.example,false\n"
                 "u2,someday,x,,\n"
                 "u3,,,nobody,\n"
                 "u4,2025-12-21,,,\n",
                 ImportWhat::kUsers);
  ExpectCounts(summary, 4, 3, 0, 1);
  EXPECT_EQ(summary.dropped, 1);
  std::string path = Path("users.csv");
  EXPECT_EQ(
      summary.first_errors,
      (std::vector<std::string>{
          path + ":3: created_at: \"someday\" is not a time: write 2026-02-14, "
                 "2026-02-14T09:30:00+08:00, or unix seconds or "
                 "milliseconds",
          path + ":4: email: \"nobody\" is not an address; it needs one @ with "
                 "text on both sides"}));
  EXPECT_EQ(Profile("u1"), R"({"city":"上海","email":"a@b.example"})");
  EXPECT_EQ(Profile("u2"), "nobody");
  EXPECT_EQ(Profile("u3"), "{}");
  EXPECT_EQ(Profile("u4"), "{}");
  UserNumber u1 = engine_->users().Find("u1");
  EXPECT_FALSE(engine_->store().Read([&](SQLite::Database& db) {
    return testing::Granted(db, Consents(*Settings()), u1, "offers");
  }));

  ExpectCounts(ImportText("tags.csv",
                          "user_id,tag,present\nu1,vip,\nu1,old,true\n"
                          "u1,old,false\n",
                          ImportWhat::kTags),
               3, 3, 0, 0);
  EXPECT_EQ(engine_->users().TagsOf(u1), std::vector<std::string>{"vip"});
}

TEST_F(ImporterTest, ConsentToWhatIsNotThereIsRefused) {
  const ImportSummary summary =
      ImportText("users.csv", "user_id,city,consent.ofers\nu1,x,false\n",
                 ImportWhat::kUsers);
  ExpectCounts(summary, 1, 0, 0, 1);
  EXPECT_EQ(summary.first_errors,
            (std::vector<std::string>{
                Path("users.csv") + ":2: consent.ofers: there is no such topic "
                                    "or channel; did you mean \"offers\"?"}));
  EXPECT_EQ(Profile("u1"), "nobody");
}

TEST_F(ImporterTest, UsersAsNdjsonInTheirOrder) {
  ExpectCounts(
      ImportText("users.ndjson",
                 R"({"user_id":"u1","city":"a"})"
                 "\n"
                 R"({"type":"identify","userId":"u1","traits":{"city":"b"}})"
                 "\n"
                 R"({"user_id":"u1","age":30})"
                 "\n",
                 ImportWhat::kUsers),
      3, 3, 0, 0);
  EXPECT_EQ(Profile("u1"), R"({"age":30,"city":"b"})");
}

TEST_F(ImporterTest, Suppressions) {
  ExpectCounts(ImportText("stop.csv",
                          "channel,address,user_id,reason\n"
                          "mail,a@b.example,,complained\n"
                          ",,u1,\n"
                          "mail,,,\n",
                          ImportWhat::kSuppressions),
               3, 2, 0, 1);
  engine_->store().Read([](SQLite::Database& db) {
    EXPECT_TRUE(testing::IsSuppressed(db, "mail", "a@b.example", "u2"));
    EXPECT_FALSE(testing::IsSuppressed(db, "sms", "a@b.example", "u2"));
    EXPECT_TRUE(testing::IsSuppressed(db, "sms", "", "u1"));
    for (const Suppression& entry : Consents::List(db)) {
      EXPECT_EQ(entry.at, kNow);
    }
  });
}

TEST_F(ImporterTest, SuppressedAddressesAreThoseOfProfilesHoweverWritten) {
  ImportText("users.csv",
             "user_id,email,phone\n"
             "u1, a@b.example,138 0013 8000\n",
             ImportWhat::kUsers);
  EXPECT_EQ(Profile("u1"),
            R"({"email":"a@b.example","phone":"+8613800138000"})");
  ExpectCounts(ImportText("stop.csv",
                          "channel,address\n"
                          "mail, a@b.example\n"
                          "sms,138 0013 8000\n"
                          "call,0086-13800138000\n"
                          "push,token\n",
                          ImportWhat::kSuppressions),
               4, 4, 0, 0);
  engine_->store().Read([](SQLite::Database& db) {
    EXPECT_TRUE(testing::IsSuppressed(db, "mail", "a@b.example", "u1"));
    EXPECT_TRUE(testing::IsSuppressed(db, "sms", "+8613800138000", "u1"));
    EXPECT_TRUE(testing::IsSuppressed(db, "call", "+8613800138000", "u1"));
    EXPECT_TRUE(testing::IsSuppressed(db, "push", "token", "u1"));
    EXPECT_FALSE(testing::IsSuppressed(db, "push", "+8613800138000", "u1"));
    // Where a channel writes to a field of another name.
    EXPECT_TRUE(testing::IsSuppressed(db, "sms", "138 0013 8000", "u1"));
  });
}

TEST_F(ImporterTest, TouchesMeetTheGoalsThatWereReached) {
  ImportText("events.csv",
             "user_id,timestamp,event\n"
             "u1,2026-02-10T00:00:00Z,app_open\n"
             "u1,2026-02-15T00:00:00Z,app_open\n"
             "u1,2026-02-16T00:00:00Z,app_open\n"
             "u2,2026-02-28T00:00:00Z,app_open\n");
  ImportRequest request;
  request.what = ImportWhat::kTouches;
  request.goal_of = [](const std::string& rule,
                       Instant at) -> std::optional<ImportedGoal> {
    if (rule != "spring") return std::nullopt;
    return ImportedGoal{"app_open", at + std::chrono::days(7)};
  };
  Result<ImportSummary> summary =
      TryImport("touches.csv",
                "rule_id,user_id,timestamp,arm,channel\n"
                "spring,u1,2026-02-14T00:00:00Z,treated,mail\n"
                "spring,u2,2026-02-14T00:00:00Z,held_out,mail\n"
                "spring,u3,2026-02-14T00:00:00Z,treated,mail\n"
                "other,u1,2026-02-14T00:00:00Z,treated,mail\n",
                request);
  ASSERT_TRUE(summary) << summary.error().message;
  ExpectCounts(*summary, 4, 4, 0, 0);
  std::set<std::string> touches;
  for (const TouchRow& t : engine_->ledger().Touches({})) {
    touches.insert(t.rule_id + " " + t.user_id + " " +
                   std::string(ArmName(t.arm)) + " " +
                   (t.goal_at ? Calendar::Utc().Format(*t.goal_at) : "-"));
  }
  EXPECT_EQ(touches, (std::set<std::string>{
                         "spring u1 treated 2026-02-15T00:00:00+00:00",
                         "spring u2 held_out -", "spring u3 treated -",
                         "other u1 treated -"}));
}

TEST_F(ImporterTest, DeadLettersAreImportedAgain) {
  // Too early by three days, and one that is beyond help.
  ImportSummary summary = ImportText("events.csv",
                                     "user_id,timestamp,event,note\n"
                                     "u1,2026-03-04,app_open,\"a\nb\"\n"
                                     "u1,,app_open,\n");
  ExpectCounts(summary, 2, 0, 0, 2);
  ImportText("users.ndjson", R"({"user_id":"u2","email":"x"})",
             ImportWhat::kUsers);
  ASSERT_EQ(ListDeadLetters(dir_ / "data").size(), 2u);

  auto file = InputFile::Open(summary.dead_letter.string());
  Result<ImportSummary> again =
      Import(*engine_, **file, {.format = ImportFormat::kDeadLetter},
             kNow + std::chrono::days(4), {});
  ASSERT_TRUE(again) << again.error().message;
  ExpectCounts(*again, 2, 1, 0, 1);
  EXPECT_EQ(Events(),
            (std::vector<std::string>{R"(u1 app_open {"note":"a\u000ab"})"}));
  // What is refused again keeps its first file and line.
  EXPECT_EQ(
      again->first_errors,
      std::vector<std::string>{Path("events.csv") + ":4: timestamp is empty"});
  auto left = InputFile::Open(again->dead_letter.string());
  std::string line;
  std::getline((*left)->stream(), line);
  Result<RejectedRow> row = ParseDeadLetterLine(line);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->file, Path("events.csv"));
  EXPECT_EQ(row->line, 4);
  EXPECT_EQ(row->record, "u1,,app_open,");
}

// The user was taken without it, and the message with it is known since. What
// else stood in it has changed meanwhile.
TEST_F(ImporterTest, AnAddressThatWasMendedIsTaken) {
  const std::string before = R"({"type":"identify","messageId":"m1",)"
                             R"("userId":"u1","anonymousId":"a1",)"
                             R"("traits":{"city":"x","email":")";
  ImportSummary summary =
      ImportText("events.ndjson", before + R"(bad"}})" + "\n");
  EXPECT_EQ(summary.accepted, 1);
  EXPECT_EQ(summary.dropped, 1);
  EXPECT_EQ(Profile("u1"), R"({"city":"x"})");
  ImportText("later.ndjson",
             R"({"type":"identify","userId":"u1","traits":{"city":"y"}})"
             "\n"
             R"({"type":"identify","userId":"u2","anonymousId":"a1"})"
             "\n");
  const std::string name =
      "data/dead_letter/" + summary.dead_letter.filename().string();
  std::string letter = dir_.Read(name);
  letter.replace(letter.rfind(R"(\"bad\")"), 7, R"(\"a@b.example\")");
  ExpectCounts(ImportText("letters.ndjson", letter, ImportWhat::kEvents,
                          ImportFormat::kDeadLetter),
               1, 1, 0, 0);
  EXPECT_EQ(Profile("u1"), R"({"city":"y","email":"a@b.example"})");
  const UserDirectory& users = engine_->users();
  EXPECT_EQ(users.FindAnonymous("a1"), users.Find("u2"));
}

TEST_F(ImporterTest, AMendedDeadLetterOfUsersIsTakenAsUsers) {
  RejectedRow row{"users.csv",
                  2,
                  "email",
                  ImportWhat::kUsers,
                  ImportFormat::kCsv,
                  "user_id,email",
                  "u2,a@b.example"};
  RejectedRow bad = row;
  bad.header = "user,email";
  ImportSummary summary = ImportText(
      "letters.ndjson",
      ToDeadLetterLine(row) + "\n" + ToDeadLetterLine(bad) + "\nnot one\n",
      ImportWhat::kEvents, ImportFormat::kDeadLetter);
  ExpectCounts(summary, 3, 1, 0, 2);
  EXPECT_EQ(
      summary.first_errors,
      (std::vector<std::string>{
          "users.csv:2: the header lacks the column \"user_id\"",
          Path("letters.ndjson") + ":3: not a line of a dead-letter file"}));
  EXPECT_EQ(Profile("u2"), R"({"email":"a@b.example"})");
}

}  // namespace
}  // namespace rekindle

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tests/unit/engine/journal/journal_fixture.h"

namespace rekindle {
namespace {

std::vector<std::string> Between(const Journal& journal, int64_t from,
                                 int64_t to) {
  std::vector<std::string> texts;
  journal.ReadBetween(FromMillis(from), FromMillis(to),
                      [&](const StoredEvent& e) { texts.push_back(Text(e)); });
  return texts;
}

std::vector<std::string> OfUser(const Journal& journal,
                                std::vector<UserNumber> numbers, size_t limit) {
  std::vector<std::string> texts;
  for (const Event& event : journal.ReadUser(numbers, limit)) {
    texts.push_back(event.name + "@" + std::to_string(ToMillis(event.when.at)) +
                    (event.when.by_day ? " by day" : ""));
  }
  return texts;
}

TEST_F(JournalTest, WhatWasAppendedIsReadInOrder) {
  const std::vector<JournalEvent> first = {
      Did(3, "open", 2000, R"({"a":1})"), Did(1, "", 5, "", "only-an-id"),
      DidOn(2, "trip", -3), Did(3, "打开", -1, R"({"城市":"上海"})")};
  const std::vector<JournalEvent> second = {Did(4'000'000'000u, "open", 7)};
  const Texts expected = {R"(3:open@2000 {"a":1})", "2:trip@-259200000/-3 ",
                          R"(3:打开@-1 {"城市":"上海"})"};
  {
    Journal journal(file());
    EXPECT_EQ(journal.end(), 0);
    EXPECT_EQ(journal.Append(first), 1);
    EXPECT_EQ(journal.Append({}), 1);
    EXPECT_EQ(All(journal), expected);
    EXPECT_EQ(journal.Append(second), 2);
  }
  Journal journal(file());
  EXPECT_EQ(journal.end(), 2);
  EXPECT_EQ(All(journal, 1), Texts{"4000000000:open@7 "});
  EXPECT_EQ(All(journal).size(), 4u);
  EXPECT_EQ(journal.stats().batches, 2);
  EXPECT_EQ(journal.stats().events, 4);
  EXPECT_EQ(journal.stats().first, FromMillis(-259'200'000));
  EXPECT_EQ(journal.stats().last, FromMillis(2000));
}

TEST_F(JournalTest, RandomBatchesComeBackWhole) {
  std::mt19937 random(3);
  Texts expected;
  Journal journal(file());
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<JournalEvent> events;
    const size_t size = 1 + random() % 500;
    for (size_t i = 0; i < size; ++i) {
      const auto user = static_cast<UserNumber>(random());
      const std::string name = "event" + std::to_string(random() % 30);
      events.push_back(random() % 4 == 0
                           ? DidOn(user, name, random() % 20'000)
                           : Did(user, name, random() * 1000LL,
                                 std::string(random() % 40, 'x')));
      const JournalEvent& e = events.back();
      expected.push_back(Text(
          {e.user, e.name, e.when.at,
           e.when.by_day ? ToNumber(e.when.day) : kExactTime, e.properties}));
    }
    journal.Append(events);
  }
  EXPECT_EQ(All(journal), expected);
}

TEST_F(JournalTest, AMessageIdIsNewOnce) {
  {
    Journal journal(file());
    EXPECT_TRUE(Remember(journal, "m1"));
    EXPECT_FALSE(Remember(journal, "m1"));
    EXPECT_TRUE(Remember(journal, ""));
    EXPECT_TRUE(Remember(journal, ""));
    EXPECT_TRUE(Remember(journal, "m2"));
    const std::vector<JournalEvent> events = {Did(1, "open", 1, "", "m1"),
                                              Did(1, "open", 1),
                                              Did(1, "", 1, "", "m2")};
    journal.Append(events);
    EXPECT_TRUE(Remember(journal, "m3"));  // and is not appended
  }
  Journal journal(file());
  EXPECT_FALSE(Remember(journal, "m1"));
  EXPECT_FALSE(Remember(journal, "m2"));
  EXPECT_TRUE(Remember(journal, "m3"));
}

TEST_F(JournalTest, WhatWasNotCommittedIsForgotten) {
  Journal journal(file());
  EXPECT_TRUE(Remember(journal, "kept"));
  journal.Append(std::vector{Did(1, "open", 1, "", "kept")});
  EXPECT_TRUE(Remember(journal, "lost"));
  journal.ForgetUncommitted();
  EXPECT_TRUE(Remember(journal, "lost"));
  EXPECT_FALSE(Remember(journal, "kept"));
}

TEST_F(JournalTest, ReadBetweenIncludesBothEnds) {
  Journal journal(file());
  journal.Append(std::vector{Did(1, "a", 10), Did(1, "b", 20)});
  journal.Append(std::vector{Did(1, "c", 30), Did(1, "d", 15)});
  journal.Append(std::vector{Did(1, "e", 100)});
  EXPECT_EQ(Between(journal, 15, 30), (Texts{"1:b@20 ", "1:c@30 ", "1:d@15 "}));
  EXPECT_EQ(Between(journal, 31, 99), Texts{});
  EXPECT_EQ(Between(journal, 100, 100), Texts{"1:e@100 "});
}

TEST_F(JournalTest, OneUsersEventsAreNewestFirst) {
  Journal journal(file());
  journal.Append(
      std::vector{Did(1, "a", 10), Did(2, "b", 90), Did(1, "c", 20)});
  journal.Append(std::vector{DidOn(1, "late", 0), Did(5, "merged", 15)});
  journal.Append(std::vector{Did(3, "x", 1000)});
  EXPECT_EQ(OfUser(journal, {1}, 10), (Texts{"c@20", "a@10", "late@0 by day"}));
  EXPECT_EQ(OfUser(journal, {1, 5}, 2), (Texts{"c@20", "merged@15"}));
  EXPECT_EQ(OfUser(journal, {1}, 0), Texts{});
  EXPECT_EQ(OfUser(journal, {77}, 5), Texts{});
}

TEST_F(JournalTest, ReadUserFindsTheNewestInWhateverOrderTheyCame) {
  std::mt19937 random(4);
  Journal journal(file());
  std::vector<int64_t> times;
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<JournalEvent> events;
    for (int i = 0; i < 20; ++i) {
      const int64_t at = random() % 1'000'000;
      const UserNumber user = random() % 3;
      events.push_back(Did(user, "e", at));
      if (user == 1) times.push_back(at);
    }
    journal.Append(events);
  }
  std::sort(times.rbegin(), times.rend());
  for (size_t limit : {1u, 5u, 50u, 10'000u}) {
    Texts expected;
    for (size_t i = 0; i < std::min(limit, times.size()); ++i) {
      expected.push_back("e@" + std::to_string(times[i]));
    }
    EXPECT_EQ(OfUser(journal, {1}, limit), expected) << limit;
  }
}

// A process killed inside a transaction leaves its files as they stand: a copy
// of them taken at that moment is what the next process finds.
TEST_F(JournalTest, AKillInsideATransactionLosesThatBatchOnly) {
  testing::TempDir after_the_kill;
  {
    Journal journal(file());
    journal.Append(std::vector{Did(1, "kept", 1, "", "m1")});
    SQLite::Database other(file().string(), SQLite::OPEN_READWRITE);
    other.exec("PRAGMA cache_spill = 1");
    other.exec("PRAGMA cache_size = 1");
    SQLite::Transaction transaction(other);
    for (int i = 0; i < 50; ++i) {
      other.exec(
          "INSERT INTO batches (first, events, users, times, properties) "
          "VALUES (1, 1, randomblob(50000), randomblob(50000), x'')");
    }
    for (const char* name :
         {"journal.db", "journal.db-wal", "journal.db-shm"}) {
      std::filesystem::copy_file(dir_ / name, after_the_kill / name);
    }
  }
  ASSERT_GT(std::filesystem::file_size(after_the_kill / "journal.db-wal"),
            1'000'000u);
  Journal journal(after_the_kill / "journal.db");
  EXPECT_EQ(All(journal), Texts{"1:kept@1 "});
  EXPECT_FALSE(Remember(journal, "m1"));
  EXPECT_EQ(journal.Append(std::vector{Did(1, "next", 2)}), 2);
}

TEST_F(JournalTest, ACorruptBatchIsNamed) {
  {
    Journal journal(file());
    journal.Append(std::vector{Did(1, "a", 1)});
    journal.Append(std::vector{Did(1, "b", 2, R"({"k":"v"})")});
  }
  {
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    db.exec(
        "UPDATE batches SET properties = CAST(substr(properties, 1, "
        "length(properties) - 1) || x'07' AS BLOB) WHERE number = 2");
  }
  Journal journal(file());
  try {
    All(journal);
    FAIL() << "a corrupt batch was read";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), file().string() + ": journal batch 2 is damaged");
  }
  EXPECT_EQ(Between(journal, 1, 1), Texts{"1:a@1 "});
}

TEST_F(JournalTest, ANewerSchemaIsRefused) {
  { Journal journal(file()); }
  {
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    db.exec("PRAGMA user_version = 9");
  }
  try {
    Journal journal(file());
    FAIL() << "a newer journal was opened";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(),
              file().string() +
                  " was written by a newer rekindle: its schema is 9, this one "
                  "knows schemas up to 5");
  }
}

TEST_F(JournalTest, ErasedUsersAreGoneWithTheirIds) {
  const std::string secret = "a-very-secret-property";
  {
    Journal journal(file());
    for (const char* id : {"m1", "m2", "m3"}) Remember(journal, id);
    journal.Append(
        std::vector{Did(1, "open", 10, "{\"k\":\"" + secret + "\"}", "m1"),
                    Did(2, "open", 20, "{}", "m2"), Did(1, "", 5, "", "m3")});
    journal.Append(std::vector{Did(1, "open", 99)});
    journal.Append(std::vector{Did(3, "open", 30)});
    EXPECT_EQ(journal.Erase(std::vector<UserNumber>{1, 8}), 3);
    EXPECT_EQ(journal.Erase(std::vector<UserNumber>{1}), 0);
    EXPECT_EQ(All(journal), (Texts{"2:open@20 {}", "3:open@30 "}));
    EXPECT_EQ(journal.end(), 3);
    EXPECT_EQ(journal.stats().events, 2);
    EXPECT_EQ(journal.stats().last, FromMillis(30));
    EXPECT_TRUE(Remember(journal, "m1"));
  }
  Journal journal(file());
  EXPECT_TRUE(Remember(journal, "m1"));
  EXPECT_FALSE(Remember(journal, "m2"));
  EXPECT_TRUE(Remember(journal, "m3"));
  EXPECT_EQ(All(journal), (Texts{"2:open@20 {}", "3:open@30 "}));
  EXPECT_EQ(OfUser(journal, {1}, 5), Texts{});
}

TEST_F(JournalTest, ReadsRunBesideTheWriter) {
  Journal journal(file());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int batch = 0; batch < 50; ++batch) {
      journal.Append(std::vector{
          Did(batch, "name" + std::to_string(batch), batch), Did(1, "b", 2)});
    }
    done = true;
  });
  size_t seen = 0;
  while (!done) {
    const size_t now = All(journal).size();
    EXPECT_GE(now, seen);
    EXPECT_EQ(now % 2, 0u);
    seen = now;
  }
  writer.join();
  EXPECT_EQ(All(journal).size(), 100u);
}

}  // namespace
}  // namespace rekindle

// Small batches become large ones; columns are read batch by batch; old events
// go by age and by size.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>

#include "tests/unit/engine/journal/journal_fixture.h"

namespace rekindle {
namespace {

class JournalCompactTest : public JournalTest {
 protected:
  // So many batches of a few events each, some with days and properties.
  void Fill(Journal& journal, int batches) {
    for (int b = 0; b < batches; ++b) {
      std::vector<JournalEvent> events;
      const int size = 1 + static_cast<int>(random_() % 5);
      for (int i = 0; i < size; ++i) {
        const auto user = static_cast<UserNumber>(random_() % 1000);
        const std::string id = "m" + std::to_string(next_id_++);
        journal.Remember(HashOfId(id));
        if (random_() % 10 == 0) {
          events.push_back(DidOn(user, "dated", 20'000 + b));
          events.back().id = HashOfId(id);
        } else {
          events.push_back(Did(user, random_() % 20 == 0 ? "" : "open",
                               b * 1000 + i,
                               R"({"b":)" + std::to_string(b) + "}", id));
        }
      }
      journal.Append(events);
    }
  }
  static void CompactAll(Journal& journal, JournalPosition applied) {
    journal.FlushIds(Journal::Flushing::kWait);
    while (journal.Compact(applied) > 0) {
    }
    journal.GiveBackSpace();
  }

  std::mt19937 random_{17};
  int next_id_ = 0;
};

TEST_F(JournalCompactTest, TheSameEventsInFewBatches) {
  Journal journal(file());
  Fill(journal, 300);
  const Texts before = All(journal);
  const auto stats = journal.stats();
  const JournalPosition end = journal.end();
  CompactAll(journal, end);
  EXPECT_EQ(All(journal), before);
  EXPECT_EQ(journal.stats().batches, 1);
  EXPECT_EQ(journal.stats().events, stats.events);
  EXPECT_EQ(journal.stats().first, stats.first);
  EXPECT_EQ(journal.stats().last, stats.last);
  EXPECT_EQ(journal.end(), end);
  Fill(journal, 1);
  EXPECT_EQ(journal.end(), end + 1);
  const Journal again(file());
  EXPECT_EQ(All(again).size(), All(journal).size());
  EXPECT_EQ(again.stats().batches, 2);
  EXPECT_EQ(again.Check(), Texts{});
}

TEST_F(JournalCompactTest, WhatIsNotAppliedIsLeftAlone) {
  Journal journal(file());
  Fill(journal, 100);
  const Texts tail = All(journal, 60);
  CompactAll(journal, 60);
  EXPECT_EQ(journal.stats().batches, 41);
  EXPECT_EQ(All(journal, 60), tail);
}

TEST_F(JournalCompactTest, AFewSmallOnesWaitForMore) {
  Journal journal(file());
  Fill(journal, 5);
  CompactAll(journal, journal.end());
  EXPECT_EQ(journal.stats().batches, 5);
}

TEST_F(JournalCompactTest, LargeOnesAreNotWrittenAnew) {
  Journal journal(file());
  const std::vector<JournalEvent> large(6000, Did(1, "open", 5));
  for (int i = 0; i < 3; ++i) {
    journal.Append(large);
    Fill(journal, 20);
  }
  CompactAll(journal, journal.end());
  EXPECT_EQ(journal.stats().batches, 6);
}

TEST_F(JournalCompactTest, SpaceIsGivenBack) {
  Journal journal(file());
  std::string noise(20'000, ' ');
  for (int b = 0; b < 300; ++b) {
    for (char& c : noise) c = static_cast<char>('a' + random_() % 26);
    journal.Append(std::vector{Did(1, "open", b, "\"" + noise + "\"")});
  }
  const auto size = [&] {
    // Busy while the journal checkpoints its log itself.
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    while (db.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() != 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return std::filesystem::file_size(file());
  };
  const auto before = size();
  EXPECT_EQ(Prune(journal, {FromMillis(250), {}}, journal.end()), 250);
  EXPECT_LT(size(), before / 3);
}

TEST_F(JournalCompactTest, TheOldestGoBeyondTheSizeAllowed) {
  Journal journal(file());
  std::string noise(20'000, ' ');
  for (int b = 0; b < 100; ++b) {
    for (char& c : noise) c = static_cast<char>('a' + random_() % 26);
    // Newest first, so that age and order of arrival differ.
    journal.Append(std::vector{Did(1, "open", 1000 - b, "\"" + noise + "\"")});
  }
  EXPECT_EQ(Prune(journal, {{}, 100'000'000}, journal.end()), 0);
  EXPECT_EQ(Prune(journal, {{}, 1'000'000}, 10), 10);
  const int64_t pruned = Prune(journal, {{}, 1'000'000}, journal.end());
  EXPECT_GT(pruned, 20);
  EXPECT_LT(pruned, 80);
  EXPECT_EQ(journal.stats().events, 90 - pruned);
  EXPECT_EQ(journal.stats().last, FromMillis(1000 - 10 - pruned));
  EXPECT_EQ(journal.stats().pruned_until, FromMillis(1000));
  // However small, the newest batch stays, so that its number does.
  Prune(journal, {{}, 1}, journal.end());
  EXPECT_EQ(journal.stats().batches, 1);
  EXPECT_EQ(journal.end(), 100);
}

// What is told to go goes as it was told, whatever happens in between.
TEST_F(JournalCompactTest, WhatIsMergedWithABatchThatStaysStays) {
  Journal journal(file());
  const auto append = [&](int from, int to) {
    for (int at = from; at < to; ++at) {
      journal.Append(std::vector{Did(1, "open", at)});
    }
  };
  append(0, 20);
  const auto first = journal.FindPrunable({FromMillis(5), {}}, journal.end());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->newest, FromMillis(4));
  EXPECT_FALSE(journal.FindPrunable({FromMillis(0), {}}, journal.end()));
  EXPECT_FALSE(journal.FindPrunable({FromMillis(5), {}}, 0));
  EXPECT_EQ(journal.stats().events, 20) << "asking drops nothing";
  append(20, 30);
  EXPECT_EQ(journal.Prune(*first), 5);
  const auto second = journal.FindPrunable({FromMillis(15), {}}, journal.end());
  ASSERT_TRUE(second);
  CompactAll(journal, journal.end());
  EXPECT_EQ(journal.Prune(*second), 0);
  EXPECT_EQ(journal.stats().events, 25);
  EXPECT_EQ(journal.stats().pruned_until, FromMillis(4));
}

TEST_F(JournalCompactTest, BatchesAreReadOnSeveralThreads) {
  Journal journal(file());
  Fill(journal, 200);
  for (const JournalPosition after : {0, 150}) {
    Texts expected = All(journal, after);
    for (const size_t threads : {1u, 3u}) {
      std::mutex mutex;
      Texts texts;
      const auto reading = journal.ReadBatches(after, threads);
      reading->Read(
          reading->batches(), [&](size_t thread, const BatchView& batch) {
            EXPECT_LT(thread, threads);
            EXPECT_GT(batch.position, after);
            for (size_t i = 0; i < batch.users.size(); ++i) {
              if (batch.names[i] == 0) continue;
              std::lock_guard lock(mutex);
              texts.push_back(
                  Text({batch.users[i], batch.name_texts[batch.names[i]],
                        FromMillis(batch.at[i]),
                        batch.days.empty() ? kExactTime : batch.days[i],
                        batch.properties(i)}));
            }
          });
      std::sort(texts.begin(), texts.end());
      std::sort(expected.begin(), expected.end());
      EXPECT_EQ(texts, expected) << after << " " << threads;
    }
  }
}

TEST_F(JournalCompactTest, EveryDamagedBatchIsNamed) {
  {
    Journal journal(file());
    for (int b = 0; b < 5; ++b) journal.Append(std::vector{Did(1, "open", b)});
    EXPECT_EQ(journal.Check(), Texts{});
  }
  {
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    db.exec("UPDATE batches SET users = x'0011' WHERE number = 2");
    db.exec("UPDATE batches SET times = x'' WHERE number = 4");
  }
  EXPECT_EQ(Journal(file()).Check(),
            (Texts{file().string() + ": journal batch 2 is damaged",
                   file().string() + ": journal batch 4 is damaged"}));
}

}  // namespace
}  // namespace rekindle

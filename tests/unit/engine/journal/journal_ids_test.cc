// Message ids: recent ones in memory, flushed ones on disk, none forgotten.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <system_error>
#include <thread>

#include "engine/journal/id_filter.h"
#include "tests/unit/engine/journal/journal_fixture.h"

namespace rekindle {
namespace {

IdHash IdOf(int i) { return HashOfId("message-" + std::to_string(i)); }

TEST(IdFilterTest, SaysNoOnlyWhereItIsSo) {
  constexpr int kIds = 200'000;
  IdFilter filter(kIds);
  for (int i = 0; i < kIds; ++i) filter.Add(IdOf(i));
  for (int i = 0; i < kIds; ++i) ASSERT_TRUE(filter.MayContain(IdOf(i))) << i;
  int wrongly = 0;
  for (int i = kIds; i < 2 * kIds; ++i) wrongly += filter.MayContain(IdOf(i));
  EXPECT_LT(wrongly, kIds / 500);
  EXPECT_LT(filter.bytes(), kIds * 21 / 10);
}

// A journal that flushes every hundred ids.
class JournalIdsTest : public JournalTest {
 protected:
  static constexpr size_t kRecent = 100;

  void SetUp() override { Reopen(); }
  void Reopen() {
    journal_.reset();
    journal_ = std::make_unique<Journal>(file(), kRecent);
  }
  // Appends events with the ids [from, to) in batches of `size`.
  void Append(int from, int to, int size = 10) {
    for (int begin = from; begin < to; begin += size) {
      std::vector<JournalEvent> events;
      for (int i = begin; i < std::min(begin + size, to); ++i) {
        ASSERT_TRUE(journal_->Remember(IdOf(i))) << i;
        events.push_back(Did(i % 7, "open", i));
        events.back().id = IdOf(i);
      }
      journal_->Append(events);
    }
  }
  // How many of the ids [from, to) are new.
  int New(int from, int to) {
    int count = 0;
    for (int i = from; i < to; ++i) count += journal_->Remember(IdOf(i));
    journal_->ForgetUncommitted();
    return count;
  }
  // Files may go meanwhile: those of runs that were merged before.
  void CopyRuns(const std::filesystem::path& to) const {
    std::filesystem::create_directory(to);
    for (const auto& run : std::filesystem::directory_iterator(runs())) {
      std::error_code failed;
      std::filesystem::copy_file(run, to / run.path().filename(), failed);
      if (failed) {
        ASSERT_EQ(failed, std::errc::no_such_file_or_directory);
      }
    }
  }
  int64_t BesideBatches() const {
    SQLite::Database db(file().string(), SQLite::OPEN_READONLY);
    return db.execAndGet("SELECT count(*) FROM batch_ids").getInt64();
  }
  std::filesystem::path runs() const { return dir_ / "journal.db-ids"; }
  // The names of the files of runs.
  Texts Runs() const {
    Texts names;
    for (const auto& run : std::filesystem::directory_iterator(runs())) {
      names.push_back(run.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalIdsTest, FlushedIdsAreRememberedAndOthersAreNot) {
  Append(0, 5000);
  EXPECT_EQ(New(0, 5000), 0);
  EXPECT_EQ(New(5000, 20'000), 15'000);
  Reopen();
  EXPECT_EQ(New(0, 5000), 0);
  EXPECT_EQ(New(5000, 20'000), 15'000);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(New(0, 5000), 0);
  EXPECT_EQ(journal_->id_stats().recent, 0);
  EXPECT_EQ(journal_->id_stats().in_runs, 5000);
}

TEST_F(JournalIdsTest, AnIdStandsOnceOnDisk) {
  Append(0, 5000);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(BesideBatches(), 0);
  int64_t bytes = 0;
  for (const std::string& run : Runs()) {
    bytes += static_cast<int64_t>(std::filesystem::file_size(runs() / run));
  }
  EXPECT_LT(bytes, 5000 * 17);
  EXPECT_EQ(journal_->id_stats().run_bytes, bytes);
}

TEST_F(JournalIdsTest, WhatAStartFindsIsFlushedWhereItIsMuch) {
  Append(0, 10);
  Reopen();
  EXPECT_EQ(New(0, 10), 0);
  Reopen();
  EXPECT_EQ(journal_->id_stats().runs, 0);
  Append(10, 95);
  Reopen();
  EXPECT_EQ(New(0, 95), 0);
  Reopen();  // waits for the flush
  EXPECT_EQ(Runs().size(), 1u);
  EXPECT_EQ(BesideBatches(), 0);
  EXPECT_EQ(New(0, 190), 95);
  EXPECT_EQ(journal_->id_stats().recent, 0);
}

// Growing a table by itself would keep appends waiting.
TEST_F(JournalIdsTest, ATableThatIsTooSmallIsFlushedEarly) {
  constexpr int kMany = 10'000;
  journal_ = std::make_unique<Journal>(dir_ / "another.db", kMany);
  int next = 0;
  for (; next < kMany / 10; next += 100) Append(next, next + 100, 100);
  EXPECT_EQ(journal_->id_stats().runs, 0) << "so few fit";
  // The next table is made meanwhile.
  for (; next < kMany / 5; next += 100) Append(next, next + 100, 100);
  while (journal_->id_stats().runs == 0 && next < kMany / 2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    Append(next, next + 10);
    next += 10;
  }
  EXPECT_EQ(journal_->id_stats().runs, 1);
  EXPECT_EQ(New(0, next), 0);
  EXPECT_EQ(New(next, next + 100), 100);
  // From then on tables have their room.
  Append(next, kMany, 100);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(journal_->id_stats().in_runs, kMany);
  EXPECT_EQ(New(0, kMany), 0);
}

TEST_F(JournalIdsTest, RunsAreMergedSoThatTheyStayFew) {
  for (int i = 0; i < 100; ++i) {
    Append(i * 10, i * 10 + 10);
    journal_->FlushIds(Journal::Flushing::kWait);
  }
  EXPECT_EQ(journal_->id_stats().in_runs, 1000);
  EXPECT_LE(journal_->id_stats().runs, 14);
  EXPECT_EQ(New(0, 1000), 0);
  Reopen();
  EXPECT_EQ(New(0, 1000), 0);
  EXPECT_EQ(New(1000, 3000), 2000);
}

TEST_F(JournalIdsTest, WhatWasNotCommittedIsForgottenWhileFlushing) {
  Append(0, 95);
  for (int i = 95; i < 300; ++i) EXPECT_TRUE(journal_->Remember(IdOf(i)));
  journal_->ForgetUncommitted();
  EXPECT_EQ(New(95, 300), 205);
  EXPECT_EQ(New(0, 95), 0);
}

// The files as they stand at any moment are what a killed process leaves.
TEST_F(JournalIdsTest, AKillWhileFlushingForgetsNothing) {
  std::mt19937 random(11);
  int appended = 0;
  for (int kill = 0; kill < 40; ++kill) {
    const int more = 50 + static_cast<int>(random() % 200);
    Append(appended, appended + more);
    appended += more;
    const testing::TempDir after;
    {
      // A flush may be under way; no commit may come between two copies.
      SQLite::Database other(file().string(), SQLite::OPEN_READWRITE, 10'000);
      SQLite::Transaction pause(other, SQLite::TransactionBehavior::IMMEDIATE);
      for (const char* name : {"journal.db", "journal.db-wal"}) {
        std::filesystem::copy_file(dir_ / name, after / name);
      }
      if (std::filesystem::exists(runs())) CopyRuns(after / "journal.db-ids");
    }
    Journal journal(after / "journal.db", kRecent);
    for (int i = 0; i < appended; ++i) {
      ASSERT_FALSE(journal.Remember(IdOf(i))) << i << " of " << appended;
    }
    ASSERT_TRUE(journal.Remember(IdOf(appended)));
    ASSERT_EQ(journal.Check(), Texts{});
  }
}

TEST_F(JournalIdsTest, AFileThatNoRunNamesIsDeleted) {
  Append(0, 500);
  journal_->FlushIds(Journal::Flushing::kWait);
  const Texts runs_before = Runs();
  std::ofstream(runs() / "1000") << "half a page";
  Reopen();
  EXPECT_EQ(Runs(), runs_before);
  EXPECT_EQ(New(0, 500), 0);
}

TEST_F(JournalIdsTest, RunsThatWereMergedAreDeleted) {
  for (int i = 0; i < 20; ++i) {
    Append(i * 10, i * 10 + 10);
    journal_->FlushIds(Journal::Flushing::kWait);
    ASSERT_EQ(static_cast<int64_t>(Runs().size()), journal_->id_stats().runs);
  }
}

TEST_F(JournalIdsTest, ARunWhoseFileIsNotThereIsNamed) {
  Append(0, 500);
  journal_->FlushIds(Journal::Flushing::kWait);
  const std::filesystem::path run = runs() / Runs().front();
  const auto refusal = [&]() -> std::string {
    try {
      Reopen();
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  };
  const std::string advice =
      ": whether an event came before cannot be told without it; put the data "
      "folder back from a backup";
  journal_.reset();
  std::filesystem::resize_file(run, 100);
  EXPECT_EQ(refusal(), run.string() + " is cut short" + advice);
  std::filesystem::remove(run);
  EXPECT_EQ(refusal(), run.string() + " is missing" + advice);
}

TEST_F(JournalIdsTest, IdsThatStandInARunAreDroppedBesideTheirBatches) {
  Append(0, 500);
  journal_->FlushIds(Journal::Flushing::kWait);
  journal_.reset();
  {
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    db.exec("INSERT INTO batch_ids (number, ids) VALUES (1, x'')");
  }
  Reopen();
  EXPECT_EQ(New(0, 500), 0);
  EXPECT_EQ(journal_->id_stats().recent, 0);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(BesideBatches(), 0);
  EXPECT_EQ(New(0, 500), 0);
}

TEST_F(JournalIdsTest, IdsGoWithTheBatchesTheyCameWith) {
  Append(0, 200);
  journal_->FlushIds(Journal::Flushing::kWait);
  Append(200, 400);
  journal_->FlushIds(Journal::Flushing::kWait);
  const size_t runs = Runs().size();
  // Batches 1 to 10 go, 11 to 40 stay: some of the first run is needed.
  EXPECT_EQ(Prune(*journal_, {FromMillis(100), {}}, journal_->end()), 100);
  EXPECT_EQ(New(100, 400), 0);
  EXPECT_EQ(Prune(*journal_, {FromMillis(200), {}}, journal_->end()), 100);
  EXPECT_EQ(New(200, 400), 0);
  EXPECT_EQ(journal_->id_stats().in_runs, 200);
  EXPECT_LT(Runs().size(), runs);
  EXPECT_EQ(journal_->stats().pruned_until, FromMillis(199));
  Reopen();
  EXPECT_EQ(New(0, 200), 200);
  EXPECT_EQ(New(200, 400), 0);
}

TEST_F(JournalIdsTest, BatchesOfIdsAloneGoWithTheEventsBeforeThem) {
  const auto append_id = [&](const std::string& id) {
    ASSERT_TRUE(Remember(*journal_, id));
    journal_->Append(std::vector{Did(0, "", 0, "", id)});
  };
  Append(0, 100);
  append_id("old");
  journal_->FlushIds(Journal::Flushing::kWait);
  Append(100, 200);
  append_id("new");
  Append(200, 300);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(Prune(*journal_, {FromMillis(100), {}}, journal_->end()), 100);
  EXPECT_EQ(journal_->stats().batches, 21);  // of the events, and "new"
  EXPECT_EQ(New(100, 300), 0);
  EXPECT_FALSE(Remember(*journal_, "new"));
  EXPECT_EQ(New(0, 100), 100);
  EXPECT_TRUE(Remember(*journal_, "old"));
}

TEST_F(JournalIdsTest, ACheckBesideMergesOfRunsFindsNothing) {
  std::atomic<bool> done = false;
  std::thread checking([&] {
    while (!done) EXPECT_EQ(journal_->Check(), Texts{});
  });
  Append(0, 20'000, 100);
  done = true;
  checking.join();
}

TEST_F(JournalIdsTest, IdsOfMergedBatchesStayAsLongAsTheBatch) {
  Append(0, 200);
  journal_->FlushIds(Journal::Flushing::kWait);
  Append(200, 400);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(journal_->Compact(journal_->end()), 40);
  EXPECT_EQ(Prune(*journal_, {FromMillis(300), {}}, journal_->end()), 0);
  EXPECT_EQ(New(0, 400), 0);
}

TEST_F(JournalIdsTest, ADamagedPageKeepsNothingButItsOwnIds) {
  constexpr int kIds = 5000;  // on five pages of one run
  journal_.reset();
  journal_ = std::make_unique<Journal>(file(), 16 * kIds);  // flushes when told
  Append(0, kIds, 1000);
  journal_->FlushIds(Journal::Flushing::kWait);
  ASSERT_EQ(Runs(), Texts{"1"});
  journal_.reset();
  std::fstream(runs() / "1", std::ios::in | std::ios::out | std::ios::binary)
      .seekp(100)
      .put('\0');
  Reopen();  // no filter can be made of what stands there
  // Of the first page are ids whose hash is small.
  int next = kIds;
  const auto append_some = [&] {
    std::vector<JournalEvent> events;
    for (; events.size() < 2 * kRecent; ++next) {
      if (IdOf(next)[0] >> 62 == 0) continue;
      ASSERT_TRUE(journal_->Remember(IdOf(next))) << next;
      events.push_back(Did(0, "open", next));
      events.back().id = IdOf(next);
    }
    journal_->Append(events);
  };
  for (int flush = 0; flush < 10; ++flush) {
    append_some();
    journal_->FlushIds(Journal::Flushing::kWait);
    EXPECT_EQ(BesideBatches(), 0) << flush;
    EXPECT_EQ(journal_->id_stats().recent, 0) << flush;
    EXPECT_EQ(static_cast<int64_t>(Runs().size()), journal_->id_stats().runs)
        << flush;
  }
}

// Whoever looks for an id would look on the wrong page.
TEST_F(JournalIdsTest, ADamagedListOfPagesIsNamed) {
  Append(0, 500);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(journal_->Check(), Texts{});
  const std::string run = Runs().front();
  {
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    db.exec(
        "UPDATE id_runs SET page_starts = zeroblob(length(page_starts)) WHERE "
        "number = " +
        run);
  }
  EXPECT_EQ(journal_->Check(),
            Texts{file().string() + ": the list of pages of run " + run +
                  " of the message ids is damaged"});
}

TEST_F(JournalIdsTest, ADamagedPageIsNamed) {
  Append(0, 500);
  journal_->FlushIds(Journal::Flushing::kWait);
  EXPECT_EQ(journal_->Check(), Texts{});
  const std::filesystem::path run = runs() / Runs().front();
  std::fstream(run, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(100)
      .put('\0');
  const std::string damage =
      run.string() + ": page 0 of the message ids is damaged";
  EXPECT_EQ(journal_->Check(), Texts{damage});
  try {
    New(0, 500);
    FAIL() << "ids are told from a page that is damaged";
  } catch (const std::runtime_error& e) {
    EXPECT_EQ(e.what(), damage);
  }
}

}  // namespace
}  // namespace rekindle

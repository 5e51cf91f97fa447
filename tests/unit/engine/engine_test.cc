// Opening, saving, finding again, and the recompute.
#include "engine/engine.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <map>
#include <random>
#include <thread>

#include "engine/standings/standing_store.h"
#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

TEST_F(EngineTest, ASecondOneOnTheFolderIsRefused) {
  const auto second = Engine::Open(folder(), settings_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(second.error().message, "data folder " + folder().string() +
                                        " is in use by another rekindle (pid " +
                                        std::to_string(::getpid()) + ")");
}

TEST_F(EngineTest, AFolderThatCannotBeMadeIsNamed) {
  const auto file = dir_.Write("file", "");
  const auto engine = Engine::Open(file / "data", settings_);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::kIo);
  EXPECT_EQ(engine.error().message, "cannot make the data folder " +
                                        (file / "data").string() +
                                        ": Not a directory");
}

TEST_F(EngineTest, AFileThatIsNoStoreIsNamed) {
  dir_.Write("other/store.db", std::string(5000, 'x'));
  const auto engine = Engine::Open(dir_ / "other", settings_);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::kIo);
  const std::string folder = (dir_ / "other").string();
  EXPECT_EQ(engine.error().message, "cannot open the data folder " + folder +
                                        ": " + folder +
                                        "/store.db: file is not a database");
}

// What anybody could ask, as one text.
std::string Everything(const Engine& engine) {
  std::string text;
  const UserDirectory& users = engine.users();
  const ActivityColumns& columns = engine.columns();
  for (UserNumber user = 0; user < users.size(); ++user) {
    text += std::string(users.IdOf(user)) + ">" +
            std::to_string(users.Resolve(user)) + users.ProfileOf(user);
    if (const auto r = users.RegisteredAt(user)) {
      text += " R" + std::to_string(ToMillis(r->at)) + FormatDay(r->day);
    }
    if (const auto last = columns.Last(user)) {
      text += " L" + std::to_string(ToMillis(*last));
    }
    for (BehaviorIndex b = 0; b < columns.behaviors(); ++b) {
      const auto months = columns.Months(b);
      if (!months) continue;
      for (int32_t m = months->first; m <= months->second; ++m) {
        if (const uint32_t mask = columns.DayMask(b, user, m)) {
          text += " " + std::to_string(b) + "/" + std::to_string(m) + "=" +
                  std::to_string(mask);
        }
      }
    }
    text += "\n";
  }
  return text;
}

class EngineHistoryTest : public EngineTest {
 protected:
  std::vector<Message> RandomMessages(size_t count) {
    std::vector<Message> messages;
    for (size_t i = 0; i < count; ++i) {
      const std::string user = "u" + std::to_string(random_() % 30);
      const std::string visitor = "v" + std::to_string(random_() % 10);
      const std::string when =
          std::to_string(1'700'000'000 + random_() % 70'000'000);
      const uint32_t dice = random_() % 100;
      if (dice < 70) {
        const char* names[] = {"app_open", "trip_completed", "order_paid"};
        messages.push_back(
            Event(user, names[random_() % 3], when, R"({"amount":600})"));
      } else if (dice < 90) {
        messages.push_back(Visit(visitor, "app_open", when));
      } else if (dice < 97) {
        messages.push_back(
            Identify(user, visitor, "{\"n\":" + std::to_string(i) + "}"));
      } else {
        messages.push_back(Alias("u" + std::to_string(random_() % 30), user));
      }
    }
    return messages;
  }

  std::mt19937 random_{20260301};
};

TEST_F(EngineHistoryTest, ClosedOrKilledItIsTheSameAfterwards) {
  for (int round = 0; round < 12; ++round) {
    AppendAll(RandomMessages(60));
    if (round % 4 == 1) engine_->Checkpoint();
    const std::string before = Everything(*engine_);
    if (round % 2 == 0) {
      Kill();
    } else {
      Reopen();
    }
    ASSERT_EQ(Everything(*engine_), before) << "round " << round;
  }
}

TEST_F(EngineHistoryTest, ATailAppliedAgainChangesNothing) {
  AppendAll(RandomMessages(200));
  const std::string before = Everything(*engine_);
  engine_->Checkpoint();
  engine_->store().Write([](SQLite::Database& db) {
    Store::SetMeta(db, "journal_position", "0");
  });
  Kill();
  EXPECT_EQ(Everything(*engine_), before);
}

TEST_F(EngineTest, AKillBetweenStoreAndJournalLeavesAnUnusedNumber) {
  // As if the process had ended after the store's commit.
  engine_.reset();
  {
    SQLite::Database db((folder() / "store.db").string(),
                        SQLite::OPEN_READWRITE);
    db.exec("INSERT INTO users (number, id, anonymous) VALUES (0, 'ann', 0)");
  }
  Reopen();
  EXPECT_EQ(Registered("ann"), "not known");
  Append(Event("ann", "app_open", "2026-03-01"));
  EXPECT_EQ(Registered("ann"), "2026-03-01");
  EXPECT_EQ(engine_->users().size(), 1u);
}

TEST_F(EngineTest, FilesOfTwoFoldersAreNotBelieved) {
  Append(Event("ann", "app_open", "2026-03-01"));
  engine_.reset();
  for (const char* name : {"store.db", "store.db-wal", "store.db-shm"}) {
    std::filesystem::remove(folder() / name);
  }
  const auto engine = Engine::Open(folder(), settings_);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().message,
            "cannot open the data folder " + folder().string() +
                ": journal.db names user number 0, store.db has 0 users: the "
                "two files do not belong together");
}

TEST_F(EngineTest, WritersAndSnapshotsRunSideBySide) {
  constexpr int kRounds = 40;
  std::thread intake([&] {
    for (int i = 0; i < kRounds; ++i) {
      const std::string user = "u" + std::to_string(i);
      AppendAll({Event(user, "app_open", "2026-03-01"),
                 Event(user, "trip_completed", "2026-03-01")});
    }
  });
  std::thread chores([&] {
    for (int i = 0; i < kRounds / 4; ++i) {
      engine_->Checkpoint();
      engine_->Recompute(At("2026-03-31").at);
    }
  });
  uint64_t seen = 0;
  while (seen < kRounds) {
    const auto facts = engine_->At(At("2026-03-31").at);
    EXPECT_GE(facts->Known().Count(), seen);
    seen = facts->Known().Count();
    // Never one event of a batch without the other.
    const UserSet drivers = facts->DaysPresent(
        *settings_->behaviors.Find("trip"), std::nullopt, 1, 31);
    EXPECT_EQ(drivers.Count(), seen);
  }
  intake.join();
  chores.join();
  Kill();
  EXPECT_EQ(engine_->At(At("2026-03-31").at)->Known().Count(), kRounds + 0u);
}

TEST_F(EngineTest, ACheckpointMovesNothingThatASnapshotReads) {
  Append(Event("ann", "app_open", "2026-03-01"));
  const auto facts = engine_->At(At("2026-03-31").at);
  const MaskBlock& block = *engine_->columns().Block(
      BehaviorSet::kActivity,
      PeriodOf(At("2026-03-01").day, PeriodUnit::kMonth), 0);
  const uint32_t* const masks = block.masks().data();
  std::thread([&] { engine_->Checkpoint(); }).join();
  EXPECT_EQ(block.masks().data(), masks);
}

TEST_F(EngineTest, ACheckpointSavesThePositionItReflects) {
  Append(Event("ann", "app_open", "2026-03-01"));
  Append(Event("ann", "app_open", "2026-03-02"));
  EXPECT_EQ(Count("SELECT count(*) FROM mask_blocks"), 0);
  engine_->Checkpoint();
  EXPECT_EQ(Count("SELECT min(position) FROM stored_columns"), 2);
  EXPECT_EQ(Count("SELECT count(*) FROM mask_blocks"), 1);
}

TEST_F(EngineTest, ACheckpointDropsOldMonthsThoughThereIsNothingToSave) {
  Append(Event("ann", "app_open", "2024-03-01"));
  Append(Event("ann", "app_open", "2026-03-01"));
  engine_->Checkpoint();
  Reopen();
  EXPECT_EQ(Days("ann", "app_open"), "2024-03-01 2026-03-01");
  const auto in_memory = [&](const std::string& day) {
    return engine_->columns()
               .BlocksOf(BehaviorSet::kActivity,
                         PeriodOf(At(day).day, PeriodUnit::kMonth))
               ->InMemory(0) != nullptr;
  };
  EXPECT_TRUE(in_memory("2024-03-01"));
  engine_->Checkpoint();
  EXPECT_FALSE(in_memory("2024-03-01"));
  EXPECT_TRUE(in_memory("2026-03-01"));
}

class EngineRecomputeTest : public EngineTest {
 protected:
  int64_t Recompute(const std::string& as_of) {
    return engine_->Recompute(settings_->calendar.ParseUntil(as_of).value());
  }
  // "user: from > to day", in order of time, then of users.
  Texts History() {
    const auto words = [](const Standing& standing) {
      std::string text(StateName(standing.state));
      for (const std::string& more : {standing.substate, standing.labels}) {
        if (!more.empty()) text += "/" + more;
      }
      return text;
    };
    std::multimap<Instant, std::string> texts;
    for (UserNumber user = 0; user < engine_->users().size(); ++user) {
      const auto history = engine_->store().Read(
          [&](SQLite::Database& db) { return StandingHistory(db, user); });
      for (const auto& [at, from, to] : history) {
        texts.emplace(at, std::string(engine_->users().IdOf(user)) + ": " +
                              words(from) + " > " + words(to) + " " +
                              FormatDay(settings_->calendar.DayOf(at)));
      }
    }
    Texts list;
    for (const auto& [at, text] : texts) list.push_back(text);
    return list;
  }
  // "dormant: ann bob", for the states that are stored.
  Texts Stored() {
    Texts texts;
    const StoredStandings stored = engine_->store().Read(LoadStandings);
    for (const NamedSet& set : stored.sets) {
      if (set.users.Empty()) continue;
      texts.push_back(set.name + ":");
      set.users.ForEach([&](UserNumber user) {
        texts.back() += " " + std::string(engine_->users().IdOf(user));
      });
    }
    return texts;
  }
};

TEST_F(EngineRecomputeTest, GoesOnAfterWhatIsDamaged) {
  Append(Event("ann", "app_open", "2026-01-10"));
  EXPECT_EQ(Recompute("2026-01-31"), 1);
  EXPECT_EQ(Recompute("2026-02-28"), 1);
  engine_->store().Write([](SQLite::Database& db) {
    db.exec(
        "UPDATE standing_steps SET flips = substr(flips, 2) WHERE id = "
        "(SELECT max(id) FROM standing_steps)");
  });
  EXPECT_EQ(engine_->CheckFiles(),
            Texts{"part 0 of the history of states is damaged"});
  Reopen();
  EXPECT_EQ(Recompute("2026-03-31"), 1);
  EXPECT_EQ(History(),
            (Texts{"ann:  > new 2026-01-31", "ann: new > churned 2026-03-31"}));
  EXPECT_EQ(engine_->CheckFiles(), Texts());
}

TEST_F(EngineRecomputeTest, OnlyWhatChangedIsWritten) {
  AppendAll({Event("ann", "app_open", "2026-01-10"),
             Event("ann", "trip_completed", "2026-01-10"),
             Event("bob", "app_open", "2026-01-20"),
             Event("bob", "app_open", "2026-02-20"),
             Visit("v1", "app_open", "2026-01-20")});
  EXPECT_EQ(Recompute("2026-01-31"), 2);
  EXPECT_EQ(Recompute("2026-01-31"), 0);
  EXPECT_EQ(Recompute("2026-02-28"), 2);
  EXPECT_EQ(Recompute("2026-03-31"), 2);
  EXPECT_EQ(History(),
            (Texts{"ann:  > new/trip 2026-01-31", "bob:  > new 2026-01-31",
                   "ann: new/trip > dormant/trip 2026-02-28",
                   "bob: new > previous_new 2026-02-28",
                   "ann: dormant/trip > churned/trip 2026-03-31",
                   "bob: previous_new > dormant 2026-03-31"}));
  EXPECT_EQ(Stored(), (Texts{"dormant: bob", "churned: ann", "trip: ann"}));
}

TEST_F(EngineRecomputeTest, ALateEventIsCorrected) {
  Append(Event("ann", "app_open", "2026-01-10"));
  Recompute("2026-02-28");
  Append(Event("ann", "app_open", "2026-02-11"));
  EXPECT_EQ(Recompute("2026-02-28"), 1);
  EXPECT_EQ(History(), (Texts{"ann:  > dormant 2026-02-28",
                              "ann: dormant > previous_new 2026-02-28"}));
}

TEST_F(EngineRecomputeTest, SubstatesAreStored) {
  Open(std::string(kCarSettings) + R"yaml(
lifecycle:
  substates:
    churned: {driving: {did: {behavior: trip, within: 2 months}}}
)yaml");
  AppendAll({Event("ann", "app_open", "2026-01-10"),
             Event("ann", "trip_completed", "2026-03-10"),
             Event("bob", "app_open", "2026-01-10")});
  EXPECT_EQ(Recompute("2026-03-31"), 2);
  EXPECT_EQ(History(), (Texts{"ann:  > churned/driving 2026-03-31",
                              "bob:  > churned/other 2026-03-31"}));
}

TEST_F(EngineRecomputeTest, TheMergedAreTakenOut) {
  AppendAll({Event("old", "app_open", "2026-01-10"),
             Event("new", "app_open", "2026-03-10")});
  EXPECT_EQ(Recompute("2026-03-31"), 2);
  Append(Alias("old", "new"));
  EXPECT_EQ(Recompute("2026-03-31"), 2);
  EXPECT_EQ(History(),
            (Texts{"old:  > churned 2026-03-31", "old: churned >  2026-03-31",
                   "new:  > new 2026-03-31", "new: new > woken 2026-03-31"}));
  EXPECT_EQ(Stored(), (Texts{"woken: new"}));
}

}  // namespace
}  // namespace rekindle

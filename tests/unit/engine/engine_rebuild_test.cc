// Changed settings: what is stale is rebuilt from the raw events, and only
// that.
#include <gmock/gmock.h>

#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

std::string With(const std::string& old_text, const std::string& new_text) {
  std::string settings = kCarSettings;
  const size_t at = settings.find(old_text);
  if (at == std::string::npos) throw std::logic_error("not there: " + old_text);
  return settings.replace(at, old_text.size(), new_text);
}

class EngineRebuildTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    AppendAll({Event("ann", "app_open", "2026-03-04T20:00:00Z"),
               Event("ann", "app_open", "2026-03-10"),
               Event("ann", "order_paid", "2026-03-11", R"({"amount":300})"),
               Event("ann", "order_paid", "2026-03-12", R"({"amount":700})"),
               Event("ann", "trip_completed", "2026-03-13")});
  }
  // Opens with the settings, or takes them over while open.
  void Change(const std::string& settings, bool reload) {
    if (!reload) return Open(settings);
    settings_ = testing::SettingsFrom(settings);
    engine_->Adopt(settings_);
  }
  // The blocks on disk as they stand, to see which were written again.
  Texts StoredDefinitions() {
    return engine_->store().Read([](SQLite::Database& db) {
      Texts texts;
      SQLite::Statement row(
          db,
          "SELECT time_zone || ' ' || position FROM stored_columns "
          "ORDER BY id");
      while (row.executeStep()) texts.push_back(row.getColumn(0).getString());
      return texts;
    });
  }
};

TEST_F(EngineRebuildTest, AChangedDefinition) {
  for (bool reload : {false, true}) {
    Change(With("{gte: 500}", "{gte: 300}"), reload);
    EXPECT_EQ(Days("ann", "paid_big"), "2026-03-11 2026-03-12") << reload;
    EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10") << reload;
    Change(kCarSettings, reload);
    EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12") << reload;
  }
}

TEST_F(EngineRebuildTest, ANewBehaviorIsFilledBack) {
  for (bool reload : {false, true}) {
    Change(With("  trip:", "  paid: {event: order_paid}\n  trip:"), reload);
    EXPECT_EQ(Days("ann", "paid"), "2026-03-11 2026-03-12") << reload;
    Change(kCarSettings, reload);
  }
}

TEST_F(EngineRebuildTest, OnlyTheStaleAreRebuilt) {
  engine_->Checkpoint();
  // A mark that no event stands behind: a rebuild would lose it.
  engine_->store().Write([](SQLite::Database& db) {
    db.exec(
        "UPDATE mask_blocks SET month = month - 1 WHERE column_id = "
        "(SELECT id FROM stored_columns WHERE definition LIKE '%trip%')");
  });
  Open(With("{gte: 500}", "{gte: 300}"));
  EXPECT_EQ(Days("ann", "trip"), "2026-02-13");
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-11 2026-03-12");
}

TEST_F(EngineRebuildTest, ABehaviorThatComesBackCatchesUp) {
  Open(With("{gte: 500}", "{gte: 300}"));
  Append(Event("ann", "order_paid", "2026-03-20", R"({"amount":900})"));
  Append(Alias("ann", "anna"));
  Open(kCarSettings);
  EXPECT_EQ(Days("anna", "paid_big"), "2026-03-12 2026-03-20");
  EXPECT_EQ(Days("anna", "app_open"), "2026-03-05 2026-03-10");
}

// A merge that came with nothing else.
TEST_F(EngineRebuildTest, ABehaviorThatComesBackFollowsMerges) {
  Open(With("{gte: 500}", "{gte: 300}"));
  Append(Alias("ann", "anna"));
  Open(kCarSettings);
  EXPECT_EQ(Days("anna", "paid_big"), "2026-03-12");
}

// So many days that a checkpoint which moves them has more than one
// transaction, and is cut short between the two rows of one month.
TEST_F(EngineRebuildTest, MergesThatAColumnMissedAreSavedAtOnce) {
  constexpr int kMonths = 600;
  std::vector<Message> messages;
  const auto pay = [&](int month) {
    const LocalDay day = FirstDayOf(month, PeriodUnit::kMonth);
    messages.push_back(
        Event("ann", "order_paid", FormatDay(day), R"({"amount":900})"));
  };
  for (int month = 1; month <= kMonths; ++month) pay(month);
  // The last of them stands in another block.
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    messages.push_back(
        Event("u" + std::to_string(i), "trip_ended", "2026-03-01"));
  }
  AppendAll(messages);
  const std::string into = "u" + std::to_string(kBlockUsers - 1);
  const std::string before = Days("ann", "paid_big");
  Open(With("{gte: 500}", "{gte: 300}"));
  Append(Alias("ann", into));
  // A row of its own: those of ann's months begin with the second.
  Append(Event("u0", "order_paid", "1970-01-01", R"({"amount":900})"));
  Open(kCarSettings);
  Refuse("INSERT ON mask_blocks WHEN NEW.block = 1 AND NEW.month = 256");
  EXPECT_THROW(engine_->Checkpoint(), SQLite::Exception);
  Accept();
  Kill();
  EXPECT_EQ(Days(into, "paid_big"), before);
}

TEST_F(EngineRebuildTest, ARenamedBehaviorKeepsItsColumn) {
  engine_->Checkpoint();
  const Texts before = StoredDefinitions();
  std::string renamed = With("  trip: {event", "  drive: {event");
  const std::string label = "{behavior: trip,";
  renamed.replace(renamed.find(label), label.size(), "{behavior: drive,");
  Open(renamed);
  EXPECT_EQ(Days("ann", "drive"), "2026-03-13");
  EXPECT_EQ(StoredDefinitions(), before);
}

TEST_F(EngineRebuildTest, AnotherZoneMovesExactTimesAndNoDates) {
  for (bool reload : {false, true}) {
    Change(With("Asia/Shanghai", "America/Los_Angeles"), reload);
    EXPECT_EQ(Days("ann", "app_open"), "2026-03-04 2026-03-10") << reload;
    EXPECT_EQ(Registered("ann"), "2026-03-04") << reload;
    const auto last = engine_->columns().Last(0);
    EXPECT_EQ(settings_->calendar.Format(*last), "2026-03-10T00:00:00-07:00");
    Change(kCarSettings, reload);
    EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10") << reload;
    EXPECT_EQ(Registered("ann"), "2026-03-05") << reload;
  }
}

TEST_F(EngineRebuildTest, AChangedActivityIsRebuilt) {
  Open(With("activity: app_open", "activity: trip"));
  EXPECT_EQ(Days("ann", "trip"), "2026-03-13");
  EXPECT_EQ(settings_->behaviors.Find("trip"), 0u);
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10");
}

TEST_F(EngineRebuildTest, GoalsAreMatchedAgainFromTheTail) {
  // A touch planned before the goal came; the process ends before the goal
  // could be noted, and after the journal had it.
  Touch touch;
  touch.touch_id = "t1";
  touch.rule_id = "wake";
  touch.rule_version = "v1";
  touch.user = 0;
  touch.slot = touch.planned_at = touch.due_at = At("2026-03-20").at;
  touch.expires_at = touch.slot;
  touch.arm = Arm::kHeldOut;
  touch.goal = "app_open";
  touch.goal_until = At("2026-03-27").at;
  engine_->store().Write([&](SQLite::Database& db) {
    engine_->ledger().Insert(db, {&touch, 1});
  });
  Append(Event("ann", "app_open", "2026-03-21T10:00:00+08:00"));
  const std::string goal = "SELECT coalesce(max(goal_at), 0) FROM touches";
  const int64_t at = ToMillis(At("2026-03-21T10:00:00+08:00").at);
  EXPECT_EQ(Count(goal), at);
  engine_->store().Write([](SQLite::Database& db) {
    db.exec("UPDATE touches SET goal_at = NULL");
  });
  Kill();
  EXPECT_EQ(Count(goal), at);
}

TEST_F(EngineRebuildTest, AReloadThatCannotBeWrittenChangesNothing) {
  const auto other =
      testing::SettingsFrom(With("Asia/Shanghai", "America/Los_Angeles"));
  // The columns as they are, which comes first; the days of users, at the end.
  for (const char* what : {"INSERT ON mask_blocks", "INSERT ON user_blocks"}) {
    SCOPED_TRACE(what);
    Append(Event("ann", "trip_completed", "2026-03-14"));  // to be saved
    Refuse(what);
    EXPECT_THROW(engine_->Adopt(other), SQLite::Exception);
    EXPECT_EQ(engine_->settings(), settings_);
    EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10");
    EXPECT_EQ(Registered("ann"), "2026-03-05");
    Accept();
    EXPECT_EQ(Append(Event("bob", "app_open", "2026-03-04T20:00:00Z")),
              "accepted");
    Kill();
    EXPECT_EQ(Days("bob", "app_open"), "2026-03-05");
    EXPECT_EQ(Registered("bob"), "2026-03-05");
  }
  engine_->Adopt(other);
  EXPECT_EQ(engine_->settings(), other);
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-04 2026-03-10");
  EXPECT_EQ(Registered("ann"), "2026-03-04");
}

TEST_F(EngineRebuildTest, AReloadDoesNotWaitForACheckpoint) {
  Refuse("INSERT ON mask_blocks");
  Change(With("en: Trips", "en: Drives"), /*reload=*/true);
  EXPECT_EQ(engine_->settings(), settings_);
  Accept();
  engine_->Checkpoint();
  Kill();
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10");
}

TEST_F(EngineRebuildTest, WhatIsWrittenWithAReloadStandsWithIt) {
  const auto other =
      testing::SettingsFrom(With("Asia/Shanghai", "America/Los_Angeles"));
  const auto note = [](SQLite::Database& db) {
    Store::SetMeta(db, "noted", "yes");
  };
  const std::string noted = "SELECT count(*) FROM meta WHERE key = 'noted'";
  EXPECT_THROW(engine_->Adopt(other,
                              [&](SQLite::Database& db) {
                                note(db);
                                throw std::runtime_error("in the way");
                              }),
               std::runtime_error);
  EXPECT_EQ(engine_->settings(), settings_);
  EXPECT_EQ(Registered("ann"), "2026-03-05");
  EXPECT_EQ(Count(noted), 0);
  engine_->Adopt(other, note);
  EXPECT_EQ(engine_->settings(), other);
  EXPECT_EQ(Registered("ann"), "2026-03-04");
  EXPECT_EQ(Count(noted), 1);
}

class EngineDamageTest : public EngineRebuildTest {
 protected:
  void DamageMasks(const std::string& where = "true") {
    Damage(
        "mask_blocks SET masks = "
        "CAST(substr(masks, 1, length(masks) - 1) || x'55' AS BLOB) WHERE " +
        where);
  }
  void DamageLasts() {
    Damage(
        "last_blocks SET lasts = "
        "CAST(substr(lasts, 1, length(lasts) - 1) || x'55' AS BLOB)");
  }
  // u0, u1, ...: the last of them stands in another block than who came first.
  std::vector<Message> ABlockOfOthers() const {
    std::vector<Message> messages;
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      messages.push_back(
          Event("u" + std::to_string(i), "trip_ended", "2026-03-01"));
    }
    return messages;
  }
  std::optional<Instant> LastOf(const std::string& user) const {
    return engine_->columns().Last(engine_->users().Find(user));
  }

 private:
  void Damage(const std::string& update) {
    engine_->Checkpoint();
    engine_->store().Write(
        [&](SQLite::Database& db) { db.exec("UPDATE " + update); });
    engine_.reset();
  }
};

TEST_F(EngineDamageTest, ABlockIsMadeAnewFromRawEvents) {
  DamageMasks();
  Reopen();
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10");
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12");
  Reopen();
  EXPECT_EQ(engine_->CheckFiles(), Texts());
}

TEST_F(EngineDamageTest, LastTimesOlderThanRawEventsStay) {
  Open(std::string(kCarSettings) + "retention: {raw_events: 30 days}\n");
  Append(Event("bob", "app_open", "2026-05-01"), "2026-05-02");
  ASSERT_GT(engine_->PruneRawEvents(), 0);
  const auto ann = LastOf("ann"), bob = LastOf("bob");
  ASSERT_TRUE(ann && bob);
  DamageMasks("month = (SELECT max(month) FROM mask_blocks)");
  Open(std::string(kCarSettings) + "retention: {raw_events: 30 days}\n");
  EXPECT_EQ(Days("bob", "app_open"), "2026-05-01");
  EXPECT_EQ(LastOf("bob"), bob);
  EXPECT_EQ(LastOf("ann"), ann);
}

TEST_F(EngineDamageTest, LastTimesAreMadeAnewFromRawEvents) {
  const auto ann = LastOf("ann");
  ASSERT_TRUE(ann);
  DamageLasts();
  Reopen();
  EXPECT_EQ(LastOf("ann"), ann);
  engine_->Checkpoint();
  EXPECT_EQ(engine_->CheckFiles(), Texts());
}

TEST_F(EngineDamageTest, LastTimesWithoutTheirRawEventsAreNamed) {
  Open(std::string(kCarSettings) + "retention: {raw_events: 30 days}\n");
  Append(Event("bob", "app_open", "2026-05-01"), "2026-05-02");
  ASSERT_GT(engine_->PruneRawEvents(), 0);
  DamageLasts();
  const auto engine = Engine::Open(folder(), settings_);
  ASSERT_FALSE(engine);
  EXPECT_THAT(
      engine.error().message,
      ::testing::AllOf(
          ::testing::HasSubstr("block 0 of the stored last activity of"),
          ::testing::EndsWith("put the data folder back from a backup")));
}

TEST_F(EngineDamageTest, ABlockWithoutItsRawEventsIsNamed) {
  Open(std::string(kCarSettings) + "retention: {raw_events: 30 days}\n");
  Append(Event("bob", "app_open", "2026-05-01"), "2026-05-02");
  ASSERT_GT(engine_->PruneRawEvents(), 0);
  DamageMasks();
  const auto engine = Engine::Open(folder(), settings_);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::kIo);
  EXPECT_THAT(engine.error().message,
              ::testing::AllOf(
                  ::testing::HasSubstr("block 0 of the stored activity in "
                                       "2026-03 of"),
                  ::testing::EndsWith(
                      "is damaged; the raw events it came from are not kept "
                      "any more: put the data folder back from a backup")));
}

// A block left on disk is read when somebody needs it: here a late event, and
// a merge.
TEST_F(EngineDamageTest, ABlockThatNobodyReadAtStartIsMadeAnew) {
  for (const bool merge : {false, true}) {
    Append(Event("eve", "app_open", "2024-03-07"));
    Append(Event("eve", "app_open", "2024-03-09"));
    DamageMasks("month = (SELECT min(month) FROM mask_blocks)");
    Reopen();
    const Message late = Event("eve", "app_open", "2024-03-08");
    try {
      merge ? Append(Alias("eve", "ann")) : Append(late);
      FAIL() << "taken in beside what is damaged";
    } catch (const std::exception& e) {
      EXPECT_TRUE(std::string(e.what()).starts_with(
          "block 0 of the stored activity in 2024-03 of"))
          << e.what();
    }
    const std::string days =
        merge ? "2024-03-07 2024-03-08 2024-03-09 2026-03-05 2026-03-10"
              : "2024-03-07 2024-03-08 2024-03-09";
    const std::string user = merge ? "ann" : "eve";
    if (merge) {
      Append(Event("bob", "app_open", "2026-03-20"));
      EXPECT_EQ(Days(user, "app_open"), days);
    }
    Kill();
    EXPECT_EQ(Days(user, "app_open"), days) << "made anew by the next start";
    engine_->Checkpoint();
    EXPECT_EQ(engine_->CheckFiles(), Texts());
    Reopen();
    EXPECT_EQ(Days(user, "app_open"), days);
  }
}

// The same where it is a question that comes upon it.
TEST_F(EngineDamageTest, WhatAQuestionFoundDamagedIsMendedBesideTheRest) {
  Append(Event("eve", "app_open", "2024-03-07"));
  Append(Event("eve", "app_open", "2024-04-07"));
  Append(Alias("eve", "zoe"));
  DamageMasks("month < (SELECT max(month) FROM mask_blocks)");
  Reopen();
  engine_->MendColumns();
  EXPECT_ANY_THROW(Days("zoe", "app_open"));
  EXPECT_THAT(engine_->CheckFiles(), ::testing::SizeIs(2));
  engine_->MendColumns();
  EXPECT_EQ(Days("zoe", "app_open"), "2024-03-07 2024-04-07");
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10");
  // Killed before it is written it is found damaged again.
  Kill();
  EXPECT_ANY_THROW(Days("zoe", "app_open"));
  engine_->MendColumns();
  engine_->Checkpoint();
  EXPECT_EQ(engine_->CheckFiles(), Texts());
  Reopen();
  EXPECT_EQ(Days("zoe", "app_open"), "2024-03-07 2024-04-07");
}

// Who they become stands in a block that is whole.
TEST_F(EngineDamageTest, AMergeOutOfADamagedBlockLosesNoDays) {
  const std::string into = "u" + std::to_string(kBlockUsers - 1);
  std::vector<Message> messages = ABlockOfOthers();
  messages.insert(messages.begin(), Event("eve", "app_open", "2024-03-07"));
  messages.push_back(Event(into, "app_open", "2024-03-09"));
  AppendAll(messages);
  DamageMasks("block = 0 AND month = (SELECT min(month) FROM mask_blocks)");
  Reopen();
  EXPECT_ANY_THROW(Append(Alias("eve", into)));
  Append(Event("bob", "app_open", "2026-03-20"));
  EXPECT_EQ(Days(into, "app_open"), "2024-03-07 2024-03-09");
  Reopen();
  EXPECT_EQ(Days(into, "app_open"), "2024-03-07 2024-03-09");
  EXPECT_EQ(engine_->CheckFiles(), Texts());
}

TEST_F(EngineDamageTest, MendingThatFailsLeavesWhatIsDamagedAsItIs) {
  Append(Event("eve", "app_open", "2024-03-07"));
  DamageMasks("month = (SELECT min(month) FROM mask_blocks)");
  Reopen();
  const auto change_raw_events = [&](const std::string& to) {
    SQLite::Database db((folder() / "journal.db").string(),
                        SQLite::OPEN_READWRITE);
    db.exec("UPDATE batches SET times = CAST(" + to +
            " AS BLOB) WHERE number = 1");
  };
  change_raw_events("x'00' || times");
  EXPECT_ANY_THROW(Days("eve", "app_open"));
  EXPECT_ANY_THROW(engine_->MendColumns());
  Append(Event("bob", "app_open", "2026-03-20"));
  engine_->Checkpoint();
  EXPECT_ANY_THROW(Days("eve", "app_open")) << "nobody, and taken for whole";
  change_raw_events("substr(times, 2)");
  engine_->MendColumns();
  EXPECT_EQ(Days("eve", "app_open"), "2024-03-07");
  engine_->Checkpoint();
  EXPECT_EQ(engine_->CheckFiles(), Texts());
  Reopen();
  EXPECT_EQ(Days("eve", "app_open"), "2024-03-07");
}

TEST_F(EngineDamageTest, BehaviorsThatMeanTheSameAreMendedTogether) {
  const std::string settings =
      With("  trip:", "  opened: {event: app_open}\n  trip:");
  Open(settings);
  for (const bool late_event : {false, true}) {
    Append(Event("eve", "app_open", "2024-03-07"));
    DamageMasks("month = (SELECT min(month) FROM mask_blocks)");
    Open(settings);
    if (late_event) {
      EXPECT_ANY_THROW(Append(Event("eve", "app_open", "2024-03-07")));
      Append(Event("bob", "app_open", "2026-03-20"));
    } else {
      EXPECT_ANY_THROW(Days("eve", "opened"));
      engine_->MendColumns();
    }
    EXPECT_EQ(Days("eve", "app_open"), "2024-03-07");
    EXPECT_EQ(Days("eve", "opened"), "2024-03-07");
  }
}

TEST_F(EngineDamageTest, WhatCannotBeMendedIsNamedAndLeft) {
  Open(std::string(kCarSettings) + "retention: {raw_events: 30 days}\n");
  Append(Event("eve", "app_open", "2024-03-07"), "2024-03-08");
  Append(Event("bob", "app_open", "2026-05-01"), "2026-05-02");
  ASSERT_GT(engine_->PruneRawEvents(), 0);
  DamageMasks("month = (SELECT min(month) FROM mask_blocks)");
  Open(std::string(kCarSettings) + "retention: {raw_events: 30 days}\n");
  EXPECT_ANY_THROW(Days("eve", "app_open"));
  try {
    engine_->MendColumns();
    FAIL() << "mended from nothing";
  } catch (const std::exception& e) {
    EXPECT_THAT(e.what(), ::testing::HasSubstr(
                              "is damaged; the raw events it came from are not "
                              "kept any more: put the data folder back"));
  }
  EXPECT_NO_THROW(Append(Event("bob", "app_open", "2026-05-02"), "2026-05-03"));
  EXPECT_THAT(engine_->CheckFiles(), ::testing::SizeIs(1));
}

TEST_F(EngineDamageTest, ADamagedColumnThatNobodyAsksForIsDropped) {
  Append(Event("bob", "order_paid", "2026-03-12", R"({"amount":900})"));
  Open(With("{gte: 500}", "{gte: 300}"));
  DamageMasks(
      "column_id = (SELECT id FROM stored_columns WHERE definition LIKE "
      "'%500%')");
  Reopen();
  EXPECT_THAT(engine_->CheckFiles(), ::testing::SizeIs(1));
  ASSERT_TRUE(engine_->Forget("ann"));
  EXPECT_EQ(engine_->CheckFiles(), Texts());
  Open(kCarSettings);
  EXPECT_EQ(Days("bob", "paid_big"), "2026-03-12");
}

TEST_F(EngineDamageTest, AMissingJournalIsNoEmptyOne) {
  engine_.reset();
  const auto events = folder() / "journal.db";
  const auto elsewhere = dir_ / "journal.db";
  std::filesystem::rename(events, elsewhere);
  const auto expect_refused = [&](const std::string& how_it_is) {
    const auto engine = Engine::Open(folder(), settings_);
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().kind, ErrorKind::kIo);
    EXPECT_THAT(engine.error().message,
                ::testing::EndsWith(
                    events.string() + " is " + how_it_is +
                    ", and store.db is there: put the data folder back from a "
                    "backup"));
  };
  expect_refused("missing");
  EXPECT_FALSE(std::filesystem::exists(events));
  std::ofstream(events).close();
  expect_refused("empty");
  EXPECT_EQ(std::filesystem::file_size(events), 0u);
  std::filesystem::rename(elsewhere, events);
  Reopen();
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-05 2026-03-10");
}

TEST_F(EngineDamageTest, ADamagedRawBatchKeepsNothingButForgettingFromItsEnd) {
  const auto damage = [&](const std::string& bytes) {
    SQLite::Database db((folder() / "journal.db").string(),
                        SQLite::OPEN_READWRITE);
    db.exec("UPDATE batches SET users = " + bytes + " WHERE number = 1");
  };
  engine_.reset();
  damage("CAST(x'00' || users AS BLOB)");
  Reopen();
  EXPECT_THROW((void)engine_->Forget("ann"), std::runtime_error);
  Reopen();
  EXPECT_EQ(engine_->users().Find("ann"), kNoUser);
  EXPECT_EQ(Append(Event("bob", "app_open", "2026-03-20")), "accepted");
  engine_.reset();
  damage("CAST(substr(users, 2) AS BLOB)");
  Reopen();
  EXPECT_EQ(Count("SELECT count(*) FROM erasures"), 0);
}

class EngineBackFillTest : public EngineDamageTest {
 protected:
  // Opened with a behavior that is being filled, and a snapshot that keeps the
  // filling from its end. It may be over before that: then once more, with a
  // definition that was never there.
  std::unique_ptr<Snapshot> OpenFilling() {
    while (least_ < 700) {
      Open(With("{gte: 500}", "{gte: " + std::to_string(++least_) + "}"),
           BackFill::kInBackground);
      auto facts = engine_->At(At("2026-03-31").at);
      if (!engine_->filling().behaviors.empty()) return facts;
    }
    throw std::logic_error("it was always over at once");
  }
  void WaitUntilFilled() {
    for (int i = 0; i < 10'000 && !engine_->CheckFilled(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(engine_->CheckFilled());
  }

 private:
  int least_ = 300;
};

TEST_F(EngineBackFillTest, SaysWhatIsNotWholeYet) {
  auto facts = OpenFilling();
  const auto filling = engine_->filling();
  const BehaviorIndex paid_big = settings_->behaviors.Find("paid_big").value();
  EXPECT_EQ(filling.behaviors, std::vector{paid_big});
  const Status filled = engine_->CheckFilled();
  ASSERT_FALSE(filled);
  EXPECT_EQ(filled.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(filled.error().message.starts_with(
      "paid_big is being filled in from raw events ("))
      << filled.error().message;
  EXPECT_EQ(engine_->filling().Has(BehaviorSet::kActivity), false);
  facts.reset();
  WaitUntilFilled();
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12");
  EXPECT_EQ(engine_->filling().progress, 1);
}

TEST_F(EngineBackFillTest, WhatHappensMeanwhileIsNotLost) {
  AppendAll({Event("bob", "order_paid", "2026-03-05", R"({"amount":900})"),
             Event("old", "order_paid", "2026-03-06", R"({"amount":900})")});
  OpenFilling().reset();
  Append(Event("ann", "order_paid", "2026-03-20", R"({"amount":900})"));
  Append(Alias("old", "ann"));
  ASSERT_TRUE(engine_->Forget("bob"));
  WaitUntilFilled();
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-06 2026-03-12 2026-03-20");
  const auto facts = engine_->At(At("2026-03-31").at);
  EXPECT_EQ(facts
                ->DaysPresent(*settings_->behaviors.Find("paid_big"),
                              std::nullopt, 1, 31)
                .Count(),
            1u);
}

TEST_F(EngineBackFillTest, WhoIsForgottenMeanwhileStaysForgotten) {
  const UserNumber ann = engine_->users().Find("ann");
  // The column of paid_big stands on disk when it comes back to catch up, which
  // a damaged batch keeps from its end.
  Open(With("{gte: 500}", "{gte: 300}"));
  Append(Event("bob", "order_paid", "2026-03-21", R"({"amount":900})"));
  const auto change_properties = [&](const std::string& to) {
    SQLite::Database db((folder() / "journal.db").string(),
                        SQLite::OPEN_READWRITE);
    db.exec("UPDATE batches SET properties = CAST(" + to +
            " AS BLOB) WHERE number = (SELECT max(number) FROM batches)");
  };
  engine_.reset();
  change_properties("x'00' || properties");
  Open(kCarSettings, BackFill::kInBackground);
  ASSERT_FALSE(engine_->CheckFilled());
  ASSERT_TRUE(engine_->Forget("ann"));
  change_properties("substr(properties, 2)");
  Kill();
  for (BehaviorIndex b = 0; b < engine_->columns().behaviors(); ++b) {
    EXPECT_EQ(engine_->columns().DayMask(
                  b, ann, PeriodOf(At("2026-03-12").day, PeriodUnit::kMonth)),
              0u)
        << b;
  }
  EXPECT_EQ(Days("bob", "paid_big"), "2026-03-21");
}

TEST_F(EngineBackFillTest, WhatWasCutShortBeginsAgain) {
  for (bool checkpoint : {false, true}) {
    OpenFilling().reset();
    Append(Event("ann", "order_paid", "2026-03-20", R"({"amount":900})"));
    if (checkpoint) engine_->Checkpoint();
    Kill();
    EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12 2026-03-20") << checkpoint;
  }
}

TEST_F(EngineBackFillTest, DamagedColumnsThatAreBehindAreMadeAnew) {
  const auto happen = [&](const std::string& day) {
    AppendAll({Event("eve", "order_paid", day, R"({"amount":900})"),
               Event("eve", "trip_completed", day)});
  };
  happen("2024-03-07");
  std::string others = With("{gte: 500}", "{gte: 300}");
  others.replace(others.find("trip_completed"), 14, "trip_ended");
  Open(others);
  happen("2024-03-08");
  DamageMasks("month = (SELECT min(month) FROM mask_blocks)");
  Open(kCarSettings, BackFill::kInBackground);
  WaitUntilFilled();
  EXPECT_EQ(Days("eve", "paid_big"), "2024-03-07 2024-03-08");
  EXPECT_EQ(Days("eve", "trip"), "2024-03-07 2024-03-08");
}

// Its last times are damaged, and a damaged batch keeps the filling from its
// end.
TEST_F(EngineBackFillTest, LastTimesThatAreBeingFoundOutlastAnErasure) {
  Append(Event("bob", "app_open", "2026-03-19"));
  Append(Event("eve", "app_open", "2026-03-20"));
  const auto ann = LastOf("ann");
  DamageLasts();
  const auto change_times = [&](const std::string& to) {
    SQLite::Database db((folder() / "journal.db").string(),
                        SQLite::OPEN_READWRITE);
    db.exec("UPDATE batches SET times = CAST(" + to +
            " AS BLOB) WHERE number = (SELECT max(number) FROM batches)");
  };
  change_times("x'00' || times");
  Open(kCarSettings, BackFill::kInBackground);
  ASSERT_FALSE(engine_->CheckFilled());
  ASSERT_TRUE(engine_->Forget("bob"));
  change_times("substr(times, 2)");
  Kill();
  EXPECT_EQ(LastOf("ann"), ann);
}

TEST_F(EngineBackFillTest, AMergeThatADamagedColumnMissedLosesNoDays) {
  const std::string into = "u" + std::to_string(kBlockUsers - 1);
  Append(Event("eve", "order_paid", "2024-03-07", R"({"amount":900})"));
  AppendAll(ABlockOfOthers());
  Append(Event(into, "order_paid", "2024-03-09", R"({"amount":900})"));
  Open(With("{gte: 500}", "{gte: 300}"));
  Append(Alias("eve", into));
  DamageMasks(
      "block = 0 AND month = (SELECT min(month) FROM mask_blocks) AND "
      "column_id = (SELECT id FROM stored_columns WHERE definition LIKE "
      "'%500%')");
  Open(kCarSettings, BackFill::kInBackground);
  WaitUntilFilled();
  EXPECT_EQ(Days(into, "paid_big"), "2024-03-07 2024-03-09");
  Reopen();
  EXPECT_EQ(Days(into, "paid_big"), "2024-03-07 2024-03-09");
}

TEST_F(EngineBackFillTest, AReloadMeanwhileGoesOn) {
  OpenFilling().reset();
  Change(kCarSettings, /*reload=*/true);
  WaitUntilFilled();
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12");
  Change(With("  trip:", "  paid: {event: order_paid}\n  trip:"), true);
  Change(With("  trip:", "  paid: {event: order_paid}\n  trip:"), true);
  WaitUntilFilled();
  EXPECT_EQ(Days("ann", "paid"), "2026-03-11 2026-03-12");
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12");
}

TEST_F(EngineBackFillTest, AReloadThatFailsMeanwhileBeginsItAgain) {
  // The filling may be over before the reload: so several times.
  for (int least = 401; least <= 420; ++least) {
    Open(With("{gte: 500}", "{gte: " + std::to_string(least) + "}"),
         BackFill::kInBackground);
    EXPECT_THROW(engine_->Adopt(settings_,
                                [](SQLite::Database&) {
                                  throw std::runtime_error("in the way");
                                }),
                 std::runtime_error);
    WaitUntilFilled();
    EXPECT_EQ(Days("ann", "paid_big"), "2026-03-12") << least;
  }
}

}  // namespace
}  // namespace rekindle

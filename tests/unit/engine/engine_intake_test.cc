#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "engine/admission.h"
#include "engine/users/profile_columns.h"
#include "tests/support/consent_answers.h"
#include "tests/support/failing_sync.h"
#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

class EngineIntakeTest : public EngineTest {};

TEST_F(EngineIntakeTest, EventsMarkTheirBehaviors) {
  EXPECT_EQ(
      AppendAll({Event("ann", "app_open", "2026-03-04T09:00:00+08:00"),
                 Event("ann", "trip_completed", "2026-03-03T20:00:00Z"),
                 Event("ann", "order_paid", "2026-03-05", R"({"amount":499})"),
                 Event("ann", "order_paid", "2026-03-06", R"({"amount":500})"),
                 Event("bob", "unheard_of", "2026-03-01")}),
      Texts(5, "accepted"));
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-04");
  EXPECT_EQ(Days("ann", "trip"), "2026-03-04");
  EXPECT_EQ(Days("ann", "paid_big"), "2026-03-06");
  EXPECT_EQ(Days("bob", "app_open"), "");
  EXPECT_EQ(Registered("ann"), "2026-03-04");
  EXPECT_EQ(Registered("bob"), "2026-03-01");
}

TEST_F(EngineIntakeTest, WhatIsRefusedIsNamed) {
  const std::string long_id(257, 'x');
  Message no_user = Event("", "app_open", "2026-03-01");
  Message group = Event("ann", "", "2026-03-01");
  group.kind = MessageKind::kGroup;
  Message bad_created = Identify("zoe", "", R"({"created_at":"soon"})");
  const struct {
    Message message;
    std::string expected;
  } rows[] = {
      {no_user, "there is no user_id and no anonymous_id"},
      {Event(long_id, "app_open", "2026-03-01"),
       "user_id is 257 bytes long; at most 256 are allowed"},
      {Visit(long_id, "app_open", "2026-03-01"),
       "anonymous_id is 257 bytes long; at most 256 are allowed"},
      {Event(std::string(256, 'x'), "app_open", "2026-03-01"), "accepted"},
      {Event("zoe", "", "2026-03-01"), "there is no event name"},
      {Event("zoe", "app_open", "2026-04-02T00:00:01+08:00"),
       "its time 2026-04-02T00:00:01+08:00 is more than 24 hours in the "
       "future"},
      {Event("zoe", "app_open", "2026-04-03"),
       "its time 2026-04-03 is more than 24 hours in the future"},
      {Event("ann", "app_open", "2026-04-02"), "accepted"},
      {Event("zoe", "app_open", "0001-01-01T00:00:00Z"),
       "its time 0001-01-01 is before 1900, as of a clock that was never set"},
      {Event("ann", "app_open", "1900-01-01"), "accepted"},
      {Event("zoe", "app_open", "2026-03-01", "[]"),
       "the properties are not a JSON object"},
      {Event("zoe", "app_open", "2026-03-01", "{"),
       "the properties are not a JSON object"},
      {Event("ann", "app_open", "2026-03-01", R"({"a":18446744073709551616})"),
       "accepted"},
      {Identify("ann", "", R"({"a":-100000000000000000000})"), "accepted"},
      {Identify("zoe", "", "7"), "the profile is not a JSON object"},
      {bad_created,
       "created_at: \"soon\" is not a time: write 2026-02-14, "
       "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
      {Alias("", "ann"), "an alias needs a previous_id"},
      {Alias("ann", ""), "an alias needs a user_id"},
      {Alias("ann", "ann"), "\"ann\" cannot be an alias of itself"},
      {group, "accepted"},
  };
  for (const auto& row : rows) EXPECT_EQ(Append(row.message), row.expected);
  EXPECT_EQ(engine_->users().Find("zoe"), kNoUser);
}

TEST_F(EngineIntakeTest, AMessageIdCountsOnce) {
  const Message first = WithId(Event("ann", "app_open", "2026-03-01"), "m1");
  const Message second = WithId(Event("ann", "app_open", "2026-03-02"), "m2");
  EXPECT_EQ(AppendAll({first, first, second}),
            (Texts{"accepted", "duplicate", "accepted"}));
  Reopen();
  EXPECT_EQ(AppendAll({second, Event("ann", "app_open", "2026-03-02")}),
            (Texts{"duplicate", "accepted"}));
  EXPECT_EQ(engine_->journal().stats().events, 3);
}

TEST_F(EngineIntakeTest, MessageIdsAreReadAheadOfTheFirstEvent) {
  const Message first = WithId(Event("ann", "app_open", "2026-03-01"), "m1");
  Append(first);
  Reopen();
  EXPECT_EQ(engine_->journal().id_stats().recent, 0);
  engine_->PrepareForEvents();
  EXPECT_EQ(engine_->journal().id_stats().recent, 1);
  EXPECT_EQ(Append(first), "duplicate");
}

TEST_F(EngineIntakeTest, ClientsMakeSoManyProfileKeysAndNoMore) {
  std::string traits = "{";
  for (size_t i = 0; i < ProfileColumns::kMostKeys; ++i) {
    traits += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(Append(Identify("ann", "", traits + "}")), "accepted");
  EXPECT_EQ(Append(Identify("bob", "", R"({"more":2,"k7":3})")), "accepted");
  EXPECT_EQ(engine_->users().ProfileOf(1), R"({"k7":3})");

  ASSERT_TRUE(engine_->PutUser("bob", R"({"more":4})"));
  EXPECT_EQ(engine_->users().ProfileOf(1), R"({"k7":3,"more":4})")
      << "an operator's import makes room";
}

TEST_F(EngineIntakeTest, AnIdentifyCountsOnceToo) {
  EXPECT_EQ(Append(WithId(Identify("ann", "", R"({"plan":"a"})"), "m1")),
            "accepted");
  EXPECT_EQ(Append(WithId(Identify("ann", "", R"({"plan":"b"})"), "m2")),
            "accepted");
  Reopen();
  EXPECT_EQ(Append(WithId(Identify("ann", "", R"({"plan":"a"})"), "m1")),
            "duplicate");
  EXPECT_EQ(engine_->users().ProfileOf(0), R"({"plan":"b"})");
}

TEST_F(EngineIntakeTest, WhatWasRefusedMayComeAgain) {
  Message message = WithId(Event("ann", "", "2026-03-01"), "m1");
  EXPECT_EQ(Append(message), "there is no event name");
  message.event = "app_open";
  EXPECT_EQ(Append(message), "accepted");
}

TEST_F(EngineIntakeTest, IdentifyMakesAVisitorsPastTheUsers) {
  AppendAll({Visit("v1", "app_open", "2026-02-03"),
             Event("ann", "app_open", "2026-03-03")});
  EXPECT_EQ(Registered("ann"), "2026-03-03");
  EXPECT_EQ(AppendAll({Identify("ann", "v1", R"({"city":"上海"})"),
                       Visit("v1", "app_open", "2026-03-09")}),
            Texts(2, "accepted"));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(Days("ann", "app_open"), "2026-02-03 2026-03-03 2026-03-09");
    EXPECT_EQ(Registered("ann"), "2026-02-03");
    Reopen();
  }
}

TEST_F(EngineIntakeTest, ALinkIsRememberedForLater) {
  EXPECT_EQ(Append(Identify("ann", "v1")), "accepted");
  EXPECT_EQ(engine_->users().size(), 1u);
  Reopen();
  EXPECT_EQ(Append(Visit("v1", "app_open", "2026-03-09")), "accepted");
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-09");
}

TEST_F(EngineIntakeTest, ASharedDeviceMergesNobody) {
  AppendAll({Visit("tablet", "app_open", "2026-03-01"),
             Identify("ann", "tablet"), Identify("bob", "tablet"),
             Visit("tablet", "app_open", "2026-03-07")});
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-01");
  EXPECT_EQ(Days("bob", "app_open"), "2026-03-07");
}

TEST_F(EngineIntakeTest, EventsBeforeAMergeInTheSameBatchAreTheUsers) {
  EXPECT_EQ(
      AppendAll({Visit("v1", "app_open", "2026-03-01"), Identify("ann", "v1")}),
      Texts(2, "accepted"));
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-01");
  Kill();
  EXPECT_EQ(Days("ann", "app_open"), "2026-03-01");
}

TEST_F(EngineIntakeTest, AliasIsIdempotentAndHasADirection) {
  AppendAll({Event("old", "app_open", "2026-02-01"),
             Event("new", "app_open", "2026-03-01")});
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(Append(Alias("old", "new")), "accepted");
    EXPECT_EQ(Days("new", "app_open"), "2026-02-01 2026-03-01");
    EXPECT_EQ(Days("old", "app_open"), "2026-02-01 2026-03-01");
    EXPECT_EQ(engine_->users().IdOf(engine_->users().Find("old")), "new");
  }
  EXPECT_EQ(Append(Event("old", "app_open", "2026-03-05")), "accepted");
  EXPECT_EQ(Days("new", "app_open"), "2026-02-01 2026-03-01 2026-03-05");
}

TEST_F(EngineIntakeTest, AliasesInACircleAreRefused) {
  EXPECT_EQ(Append(Alias("a", "b")), "accepted");
  EXPECT_EQ(Append(Alias("b", "a")),
            "\"b\" cannot become \"a\": \"a\" was merged into \"b\" before");
  EXPECT_EQ(Append(Alias("b", "c")), "accepted");
  EXPECT_EQ(Append(Alias("c", "a")),
            "\"c\" cannot become \"a\": \"a\" was merged into \"c\" before");
  // All of them are c by now.
  EXPECT_EQ(Append(Alias("a", "b")), "accepted");
  EXPECT_EQ(Append(Event("a", "app_open", "2026-03-01")), "accepted");
  EXPECT_EQ(Days("c", "app_open"), "2026-03-01");
}

TEST_F(EngineIntakeTest, AnAliasOfAVisitorOrOfNobody) {
  AppendAll({Visit("v1", "app_open", "2026-02-01"), Alias("v1", "ann"),
             Alias("nobody-yet", "ann"),
             Event("nobody-yet", "app_open", "2026-03-02"),
             Visit("nobody-yet", "app_open", "2026-03-03"),
             Visit("v1", "app_open", "2026-03-04")});
  EXPECT_EQ(Days("ann", "app_open"),
            "2026-02-01 2026-03-02 2026-03-03 2026-03-04");
}

TEST_F(EngineIntakeTest, UsersFilesFillProfilesTagsAndConsents) {
  const std::vector<Engine::UserRow> rows = {
      {"ann",
       R"({"city":"上海","created_at":"2026-01-02"})",
       {{"vip", true}},
       {{"offers", false}}},
      {"", "{}", {}, {}},
      {"bob", "[]", {}, {}},
      {"cid", "{}", {{"vip", false}}, {}},
  };
  const auto outcomes = engine_->PutUsers(rows);
  ASSERT_EQ(outcomes.size(), 4u);
  EXPECT_TRUE(outcomes[0]);
  EXPECT_EQ(outcomes[1].error().message, "there is no user_id");
  EXPECT_EQ(outcomes[2].error().message, "the profile is not a JSON object");
  EXPECT_TRUE(outcomes[3]);
  EXPECT_TRUE(engine_->PutTag("ann", "beta", true));
  EXPECT_TRUE(engine_->PutUser("ann", R"({"age":30})"));
  Reopen();
  EXPECT_EQ(engine_->users().ProfileOf(0), R"({"age":30,"city":"上海"})");
  EXPECT_EQ(engine_->users().TagsOf(0), (Texts{"beta", "vip"}));
  EXPECT_EQ(Registered("ann"), "2026-01-02");
  EXPECT_EQ(Registered("bob"), "no such user");
  EXPECT_EQ(Registered("cid"), "not known");
  engine_->store().Write([&](SQLite::Database& db) {
    EXPECT_FALSE(testing::Granted(db, Consents(*settings_), 0, "offers"));
  });
}

TEST_F(EngineIntakeTest, AFailedStoreLeavesNothingBehind) {
  // A trigger stands for the disk that fails.
  Refuse("INSERT ON users WHEN NEW.id = 'bob'");
  const std::vector<Message> messages = {
      WithId(Event("ann", "app_open", "2026-03-01"), "m1"),
      WithId(Event("bob", "app_open", "2026-03-01"), "m2")};
  EXPECT_THROW(engine_->Append(messages, At("2026-04-01").at),
               SQLite::Exception);
  engine_->store().Write(
      [](SQLite::Database& db) { db.exec("DROP TRIGGER full"); });
  EXPECT_EQ(engine_->journal().stats().events, 0);
  EXPECT_EQ(AppendAll(messages), Texts(2, "accepted"));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(Days("ann", "app_open"), "2026-03-01");
    EXPECT_EQ(Days("bob", "app_open"), "2026-03-01");
    EXPECT_EQ(engine_->users().size(), 2u);
    Reopen();
  }
}

TEST_F(EngineIntakeTest, AMergeThatFailedNeverWas) {
  AppendAll({Visit("v1", "app_open", "2026-01-05"),
             Event("ann", "app_open", "2026-02-01")});
  engine_->store().Write([](SQLite::Database& db) {
    db.exec(
        "CREATE TRIGGER full BEFORE INSERT ON users WHEN NEW.id = 'bob' "
        "BEGIN SELECT raise(ABORT, 'disk full'); END");
  });
  const std::vector<Message> messages = {
      Identify("ann", "v1"), Event("bob", "app_open", "2026-02-01")};
  EXPECT_THROW(engine_->Append(messages, At("2026-04-01").at),
               SQLite::Exception);
  Accept();
  Append(Event("ann", "app_open", "2026-02-03"));
  EXPECT_EQ(Registered("ann"), "2026-02-01");
  EXPECT_EQ(Days("ann", "app_open"), "2026-02-01 2026-02-03");
  EXPECT_EQ(AppendAll(messages), Texts(2, "accepted"));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(Registered("ann"), "2026-01-05");
    EXPECT_EQ(Days("ann", "app_open"), "2026-01-05 2026-02-01 2026-02-03");
    Reopen();
  }
}

// Few are packed where they come in, many on all cores.
TEST_F(EngineIntakeTest, WhatADiskDidNotSyncIsNotAcknowledged) {
  for (const size_t many : {2, 2000}) {
    // A new log would be synced as it is begun, and nothing written at all.
    Append(Event("ann", "app_open", "2026-02-01"));
    std::vector<Message> messages;
    for (size_t i = 0; i < many; ++i) {
      messages.push_back(
          WithId(Event("ann", "app_open", i % 2 ? "2026-03-01" : "2026-03-02"),
                 std::to_string(many) + "-" + std::to_string(i)));
    }
    {
      const testing::FailingSync failing;
      EXPECT_THROW(AppendAll(messages), std::exception);
      // A client that sends it again is not told that it is there already.
      EXPECT_THROW(AppendAll(messages), std::exception);
    }
    EXPECT_EQ(AppendAll(messages), Texts(many, "duplicate"));
    EXPECT_EQ(Days("ann", "app_open"), "2026-02-01 2026-03-01 2026-03-02");
  }
  EXPECT_EQ(engine_->journal().stats().events, 1 + 2 + 1 + 2000);
  Reopen();
  EXPECT_EQ(engine_->journal().stats().events, 1 + 2 + 1 + 2000);
  EXPECT_EQ(Days("ann", "app_open"), "2026-02-01 2026-03-01 2026-03-02");
}

TEST_F(EngineIntakeTest, WhatADiskDidNotSyncIsSavedNowhere) {
  Append(Event("ann", "app_open", "2026-02-01"));
  engine_->Checkpoint();
  const auto saved = [&] {
    return engine_->store().Read([](SQLite::Database& db) {
      return Store::GetMeta(db, "journal_position", "0");
    });
  };
  EXPECT_EQ(saved(), "1");
  {
    const testing::FailingSync failing("journal.db");
    EXPECT_THROW(Append(Event("ann", "app_open", "2026-03-01")),
                 std::exception);
    EXPECT_THROW(engine_->Checkpoint(), std::exception);
    // The pages go on.
    EXPECT_EQ(engine_->At(At("2026-04-01").at)->Known().Count(), 1u);
  }
  EXPECT_EQ(saved(), "1");
  const auto log = engine_->data_dir() / "journal.db-wal";
  EXPECT_GT(std::filesystem::file_size(log), 0u);
  engine_->Checkpoint();
  EXPECT_EQ(saved(), "2");
  // It was not synced once more, but stands in the database's own file.
  EXPECT_EQ(std::filesystem::file_size(log), 0u);
  Kill();
  EXPECT_EQ(Days("ann", "app_open"), "2026-02-01 2026-03-01");
}

TEST_F(EngineIntakeTest, AKilledProgramsLogIsNotTrusted) {
  Append(Event("ann", "app_open", "2026-02-01"));
  {
    const testing::FailingSync failing("journal.db");
    EXPECT_THROW(Append(Event("ann", "app_open", "2026-03-01")),
                 std::exception);
  }
  Kill();
  EXPECT_EQ(std::filesystem::file_size(engine_->data_dir() / "journal.db-wal"),
            0u);
  EXPECT_EQ(Days("ann", "app_open"), "2026-02-01 2026-03-01");
}

TEST_F(EngineIntakeTest, OneBatchBeginsBeforeTheOtherIsDurable) {
  const auto begin = [&](const std::string& day) {
    const std::vector<Message> messages = {
        WithId(Event("ann", "app_open", "2026-03-01"), "m1"),
        Event("ann", "app_open", day)};
    const std::vector<MessageView> views(messages.begin(), messages.end());
    return engine_->BeginAppend(views, At("2026-04-01").at);
  };
  // A new log is synced as it is begun.
  Append(Event("ann", "app_open", "2026-02-01"));
  std::optional<testing::HeldSync> held("journal.db-wal");
  Engine::Appended first = begin("2026-03-02");
  Engine::Appended second = begin("2026-03-03");
  // Neither an answer nor a question gets ahead of the disk.
  auto of_second = std::async(std::launch::async, [&] {
    return engine_->FinishAppend(std::move(second));
  });
  auto seen = std::async(std::launch::async, [&] {
    return engine_->At(At("2026-04-01").at)->Known().Count();
  });
  constexpr auto kLong = std::chrono::milliseconds(50);
  EXPECT_EQ(of_second.wait_for(kLong), std::future_status::timeout);
  EXPECT_EQ(seen.wait_for(kLong), std::future_status::timeout);
  held.reset();
  EXPECT_EQ(seen.get(), 1u);
  EXPECT_EQ(of_second.get()[0].what, Intake::kDuplicate);
  EXPECT_EQ(engine_->FinishAppend(std::move(first))[0].what, Intake::kAccepted);
  EXPECT_EQ(Days("ann", "app_open"),
            "2026-02-01 2026-03-01 2026-03-02 2026-03-03");
}

TEST_F(EngineIntakeTest, ACheckpointThatFailsLosesNothing) {
  Append(Event("ann", "app_open", "2026-02-03"));
  engine_->Checkpoint();
  // It is the first one now, which the store has to learn.
  Append(Event("ann", "app_open", "2026-01-05"));
  Refuse("INSERT ON users");
  EXPECT_THROW(engine_->Checkpoint(), SQLite::Exception);
  Accept();
  engine_->Checkpoint();
  Kill();
  EXPECT_EQ(Days("ann", "app_open"), "2026-01-05 2026-02-03");
}

TEST_F(EngineIntakeTest, ACheckpointSavesNoHalfOfAChange) {
  AppendAll({Visit("v1", "app_open", "2026-01-05"),
             Event("ann", "app_open", "2026-02-01")});
  // So many that a checkpoint writes all of them as they are in memory.
  for (int i = 0; i < 100; ++i) {
    Append(Event("u" + std::to_string(i), "app_open", "2026-02-01"));
  }
  const std::vector<Message> messages = {
      Identify("ann", "v1"), Event("bob", "app_open", "2026-02-01")};
  Refuse("INSERT ON users WHEN NEW.id = 'bob'");
  EXPECT_THROW(AppendAll(messages), SQLite::Exception);
  engine_->Checkpoint();
  Accept();
  Kill();
  EXPECT_EQ(Days("ann", "app_open"), "2026-02-01");
  EXPECT_EQ(AppendAll(messages), Texts(2, "accepted"));
  EXPECT_EQ(Days("ann", "app_open"), "2026-01-05 2026-02-01");
}

// What is prepared on the store's connection must not end beside who uses it.
TEST_F(EngineIntakeTest, AFailedChangeIsMadeGoodBesideOtherWriters) {
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      engine_->store().Write(
          [](SQLite::Database& db) { Store::SetMeta(db, "test", "1"); });
    }
  });
  for (int i = 0; i < 20; ++i) {
    const std::string user = "u" + std::to_string(i);
    Refuse("INSERT ON users");
    EXPECT_THROW(Append(Event(user, "app_open", "2026-02-01")),
                 SQLite::Exception);
    Accept();
    EXPECT_EQ(Append(Event(user, "app_open", "2026-02-01")), "accepted");
  }
  done = true;
  other.join();
}

// As after a journal that lost its end with the power.
TEST_F(EngineIntakeTest, NumbersThatComeAgainDoNotPassForApplied) {
  Append(Event("ann", "app_open", "2026-02-01"));
  engine_->Checkpoint();
  engine_->store().Write([](SQLite::Database& db) {
    Store::SetMeta(db, "journal_position", "9");
    db.exec("UPDATE stored_columns SET position = 9, last_position = 9");
  });
  Reopen();
  Append(Event("ann", "app_open", "2026-02-02"));
  Kill();
  EXPECT_EQ(Days("ann", "app_open"), "2026-02-01 2026-02-02");
}

TEST_F(EngineIntakeTest, NorForAppliedToAColumnThatIsNotConfigured) {
  Append(Event("ann", "trip_completed", "2026-02-01"));
  engine_->Checkpoint();
  engine_->store().Write([](SQLite::Database& db) {
    Store::SetMeta(db, "journal_position", "9");
    db.exec("UPDATE stored_columns SET position = 9");
  });
  std::string without_trip = kCarSettings;
  without_trip.replace(without_trip.find("trip_completed"), 14, "trip_ended");
  Open(without_trip);
  Append(Event("ann", "trip_completed", "2026-02-02"));
  Open(kCarSettings);
  EXPECT_EQ(Days("ann", "trip"), "2026-02-01 2026-02-02");
}

}  // namespace
}  // namespace rekindle

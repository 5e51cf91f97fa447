// Steps of standings against sets and histories kept plainly.
#include "engine/standings/standing_store.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/standings/standing_flips.h"
#include "engine/store/packed.h"
#include "engine/store/store.h"
#include "engine/store_schema.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

constexpr uint32_t kUsers = 2 * kShardUsers + 5000;

NamedSet Named(SetKind kind, const std::string& name) {
  return {kind, name, UserSet(kUsers)};
}

// About one of `one_in` users comes or goes.
void FlipSome(std::mt19937& random, uint32_t one_in, UserSet* users) {
  for (UserNumber user = random() % one_in; user < kUsers;
       user += 1 + random() % (2 * one_in - 1)) {
    users->Contains(user) ? users->Remove(user) : users->Add(user);
  }
}

Standing Tell(const Standings& sets, UserNumber user) {
  Standing standing;
  for (const NamedSet& set : sets) {
    if (set.users.Contains(user)) AddToStanding(set, &standing);
  }
  return standing;
}

UserSet UsersOf(const Standings& sets, const std::string& name) {
  for (const NamedSet& set : sets) {
    if (set.name == name) return set.users;
  }
  return {};
}

UserSet ToldDifferently(const Standings& before, const Standings& after) {
  UserSet changed;
  for (const Standings* sets : {&before, &after}) {
    for (const NamedSet& set : *sets) {
      if (set.kind == SetKind::kSegment) continue;
      changed |= UsersOf(before, set.name) ^ UsersOf(after, set.name);
    }
  }
  return changed;
}

class StandingStoreTest : public ::testing::Test {
 protected:
  // What Recompute does; the users who changed.
  int64_t Put(const Standings& found, int hour) {
    const Instant at = FromMillis(hour * 3'600'000);
    StandingStep step = CompareStandings(stored_, found, workers_);
    sets_written_ += !step.packed_sets.empty();
    store_.Write([&](SQLite::Database& db) { StoreStep(db, step, at); });
    stored_ = std::move(step.after);
    return step.changed_users;
  }
  StoredStandings Load() { return store_.Read(LoadStandings); }

  testing::TempDir dir_;
  Store store_{dir_ / "store.db", StoreMigrations()};
  Workers workers_;
  StoredStandings stored_;
  int sets_written_ = 0;
};

TEST_F(StandingStoreTest, StepsGiveSetsAndHistoriesBack) {
  std::mt19937 random(8);
  Standings sets = {
      Named(SetKind::kState, "new"), Named(SetKind::kState, "active"),
      Named(SetKind::kSubstate, "active/keen"), Named(SetKind::kLabel, "shop"),
      Named(SetKind::kSegment, "drivers")};
  std::map<UserNumber, std::vector<std::string>> histories;
  const auto words = [](const Standing& standing) {
    return std::string(StateName(standing.state)) + "/" + standing.substate +
           "/" + standing.labels;
  };
  for (int round = 0; round < 8; ++round) {
    const Standings before = stored_.sets;
    for (NamedSet& set : sets) {
      FlipSome(random, 1 + random() % (round % 2 ? 5 : 3000), &set.users);
    }
    if (round == 5) sets.erase(sets.begin() + 3);
    if (round == 6) {
      sets.insert(sets.begin() + 3, Named(SetKind::kLabel, "drive"));
    }
    const uint64_t changed = ToldDifferently(before, sets).Count();
    for (UserNumber user = 0; user < kUsers; user += 9973) {
      const Standing from = Tell(before, user), to = Tell(sets, user);
      if (from == to) continue;
      histories[user].push_back(words(from) + " > " + words(to));
    }
    ASSERT_EQ(Put(sets, round), static_cast<int64_t>(changed)) << round;
    const StoredStandings loaded = Load();
    ASSERT_EQ(loaded.named, sets.size()) << round;
    for (size_t i = 0; i < sets.size(); ++i) {
      ASSERT_EQ(loaded.sets[i].name, sets[i].name) << round;
      ASSERT_EQ(loaded.sets[i].users, sets[i].users)
          << sets[i].name << " in round " << round;
    }
    ASSERT_EQ(loaded.numbers, stored_.numbers) << round;
    ASSERT_EQ(loaded.last_step, stored_.last_step) << round;
    ASSERT_EQ(loaded.step_bytes, stored_.step_bytes) << round;
    if (round % 3 == 2) stored_ = loaded;  // a restart
  }
  EXPECT_GT(sets_written_, 0);
  EXPECT_LT(sets_written_, 8);
  for (const auto& [user, expected] : histories) {
    std::vector<std::string> texts;
    for (const StandingChange& change : store_.Read(
             [&](SQLite::Database& db) { return StandingHistory(db, user); })) {
      texts.push_back(words(change.from) + " > " + words(change.to));
    }
    EXPECT_EQ(texts, expected) << user;
  }
}

TEST_F(StandingStoreTest, NothingChangedIsNothingWritten) {
  Standings sets = {Named(SetKind::kState, "new")};
  sets[0].users.Add(70'000);
  EXPECT_EQ(Put(sets, 1), 1);
  const StandingStep step = CompareStandings(stored_, sets, workers_);
  EXPECT_FALSE(step.names_changed);
  EXPECT_TRUE(step.shards.empty());
  EXPECT_EQ(step.changed_users, 0);
}

TEST_F(StandingStoreTest, TheErasedAreNowhere) {
  Standings sets = {Named(SetKind::kState, "new"),
                    Named(SetKind::kSegment, "drivers")};
  for (int round = 0; round < 3; ++round) {
    for (NamedSet& set : sets) {
      set.users = UserSet::All(kUsers);
      set.users.Remove(static_cast<UserNumber>(round));
    }
    Put(sets, round);
  }
  constexpr UserNumber kErased = kShardUsers + 1;
  store_.Write([&](SQLite::Database& db) { EraseStandings(db, kErased); });
  for (const NamedSet& set : Load().sets) {
    EXPECT_FALSE(set.users.Contains(kErased)) << set.name;
    EXPECT_EQ(set.users.Count(), kUsers - 2) << set.name;
  }
  store_.Read([&](SQLite::Database& db) {
    EXPECT_TRUE(StandingHistory(db, kErased).empty());
    EXPECT_EQ(StandingHistory(db, 1).size(), 3u);
  });
}

TEST_F(StandingStoreTest, DamageIsNamed) {
  Standings sets = {Named(SetKind::kState, "new")};
  sets[0].users.Add(70'000);
  Put(sets, 1);
  store_.Write([](SQLite::Database& db) {
    db.exec("UPDATE standing_steps SET flips = substr(flips, 2)");
  });
  try {
    Load();
    FAIL() << "a damaged step was believed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "part 1 of the history of states is damaged");
  }
}

class DamagedStandingsTest : public StandingStoreTest {
 protected:
  // Everybody of shards 0 and 1, one more of each round by round.
  void SetUp() override {
    for (uint32_t round = 0; round < 3; ++round) {
      sets_[0].users.Add(round);
      sets_[0].users.Add(kShardUsers + round);
      Put(sets_, static_cast<int>(round));
    }
    ASSERT_EQ(Count("standing_steps"), 6);
  }
  int64_t Count(const std::string& table) {
    return store_.Read([&](SQLite::Database& db) {
      return db.execAndGet("SELECT count(*) FROM " + table).getInt64();
    });
  }
  // The second of shard 1.
  void DamageAStep() {
    store_.Write([](SQLite::Database& db) {
      db.exec(
          "UPDATE standing_steps SET flips = substr(flips, 2) WHERE id = 4");
    });
  }
  void DamageASet() {
    store_.Write([](SQLite::Database& db) {
      db.exec("UPDATE standing_sets SET users = x'55'");
      Store::SetMeta(db, "standings_folded", "6");
    });
  }
  std::vector<std::string> Check() { return store_.Read(CheckStandings); }

  Standings sets_ = {Named(SetKind::kState, "new")};
};

TEST_F(DamagedStandingsTest, WhatIsMendedIsWhatTheOtherStepsSay) {
  EXPECT_TRUE(Check().empty());
  DamageAStep();
  DamageASet();
  EXPECT_EQ(Check(), (std::vector<std::string>{
                         "the stored set of users \"new\" is damaged",
                         "part 1 of the history of states is damaged"}));
  store_.Write(MendStandings);
  EXPECT_TRUE(Check().empty());
  stored_ = Load();
  EXPECT_EQ(stored_.last_step, 5);
  UserSet left = sets_[0].users;
  left.Remove(kShardUsers + 1);
  left.Remove(kShardUsers + 2);
  EXPECT_EQ(stored_.sets[0].users, left);
  EXPECT_EQ(Put(sets_, 3), 2);
  EXPECT_EQ(Load().sets[0].users, sets_[0].users);
  store_.Read([&](SQLite::Database& db) {
    for (UserNumber user : {0U, 1U, 2U, kShardUsers, kShardUsers + 2}) {
      EXPECT_EQ(StandingHistory(db, user).size(), 1u) << user;
    }
  });
}

// No recompute reads steps that stored sets show, so that nobody mends them.
TEST_F(DamagedStandingsTest, AHistoryEndsWhereItIsDamaged) {
  sets_[0].users.Remove(kShardUsers);
  Put(sets_, 3);
  const auto changes = [&](UserNumber user) {
    return store_.Read(
        [&](SQLite::Database& db) { return StandingHistory(db, user).size(); });
  };
  EXPECT_EQ(changes(kShardUsers), 2u);
  DamageAStep();
  EXPECT_EQ(changes(kShardUsers), 1u);
  EXPECT_EQ(changes(kShardUsers + 1), 0u);
  EXPECT_EQ(changes(2), 1u) << "another part";
}

TEST_F(DamagedStandingsTest, ErasesBesideWhatIsDamaged) {
  for (const bool set : {false, true}) {
    set ? DamageASet() : DamageAStep();
    const UserNumber erased = kShardUsers + set;
    store_.Write([&](SQLite::Database& db) { EraseStandings(db, erased); });
    EXPECT_TRUE(Check().empty());
    EXPECT_FALSE(Load().sets[0].users.Contains(erased));
    EXPECT_TRUE(Load().sets[0].users.Contains(2));
  }
}

TEST(StandingFlips, BytesThatAreWrongAreRefused) {
  std::string bytes;
  PutVarint(&bytes, 3);       // the set
  PutVarint(&bytes, 2);       // so many
  PutVarint(&bytes, 65'535);  // the last of the shard
  const std::string short_of_one = bytes;
  PutVarint(&bytes, 0);  // one behind it
  for (const std::string& wrong : {short_of_one, bytes}) {
    EXPECT_FALSE(UnpackFlips(Pack(wrong))) << wrong.size();
  }
  EXPECT_FALSE(UnpackFlips("no checksum"));
}

}  // namespace
}  // namespace rekindle

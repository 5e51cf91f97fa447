// What the directory is made of, in memory and in the store.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engine/store_schema.h"
#include "engine/users/id_index.h"
#include "engine/users/profile_codes.h"
#include "engine/users/user_block.h"
#include "engine/users/user_check.h"
#include "engine/users/user_directory.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

TEST(Stamp, IsTheMomentItWasMadeOf) {
  for (const char* zone : {"UTC", "Asia/Shanghai", "Pacific/Kiritimati",
                           "Pacific/Pago_Pago", "America/St_Johns"}) {
    const Calendar calendar = *Calendar::Load(zone);
    for (const char* text :
         {"0001-01-01", "1969-12-31", "2026-03-01", "2011-12-30", "9999-12-31",
          "2026-03-01T23:59:59.999Z", "1969-12-31T00:00:00.001Z",
          "2026-03-01T00:00:00+14:00", "2026-03-01T00:00:00-12:00"}) {
      const Moment moment = *calendar.ParseMoment(text);
      const Stamp stamp = Stamp::Of(moment);
      EXPECT_TRUE(stamp.known());
      EXPECT_EQ(stamp.moment().at, moment.at) << zone << " " << text;
      EXPECT_EQ(stamp.moment().day, moment.day) << zone << " " << text;
      EXPECT_EQ(stamp.by_day(), moment.by_day) << zone << " " << text;
      EXPECT_LT(stamp.at(), Stamp().at());
      EXPECT_EQ(Earlier(Stamp(), stamp), stamp);
    }
  }
  EXPECT_FALSE(Stamp().known());
}

TEST(IdTexts, StayWhereTheyAre) {
  IdTexts texts;
  std::vector<std::string> ids;
  std::vector<std::string_view> views;
  std::mt19937 random(3);
  for (UserNumber user = 0; user < 20'000; ++user) {
    ids.emplace_back(random() % 257, static_cast<char>(random()));
    texts.Append(ids.back());
    views.push_back(texts[user]);
  }
  texts.Wipe(128);
  ids[128].assign(ids[128].size(), '\0');
  for (UserNumber user = 0; user < ids.size(); ++user) {
    ASSERT_EQ(texts[user], ids[user]);
    ASSERT_EQ(views[user].data(), texts[user].data());
  }
  EXPECT_THROW(texts.Append(std::string(257, 'x')), std::length_error);
}

TEST(IdIndex, FindsWhatIsInIt) {
  for (const bool staged : {false, true}) {
    IdTexts texts;
    IdIndex index(texts);
    const auto id = [](UserNumber user) { return std::to_string(user * 7); };
    for (UserNumber user = 0; user < 30'000; ++user) {
      texts.Append(id(user));
      staged ? index.Stage(user) : index.Insert(user);
    }
    if (staged) index.IndexStaged();
    for (UserNumber user = 0; user < 30'000; user += 3) index.Erase(user);
    for (UserNumber user = 0; user < 30'000; ++user) {
      const UserNumber expected = user % 3 == 0 ? kNoUser : user;
      ASSERT_EQ(index.Find(id(user)), expected);
      const UserNumber likely = index.Candidate(index.HashOf(id(user)));
      if (user % 3 != 0) {
        ASSERT_NE(likely, kNoUser);
      }
    }
    for (UserNumber user = 0; user < 30'000; user += 3) index.Insert(user);
    for (UserNumber user = 0; user < 30'000; ++user) {
      ASSERT_EQ(index.Find(id(user)), user);
    }
    EXPECT_EQ(index.Find("nobody"), kNoUser);
  }
}

TEST(ProfileCodes, AreTheSameForFewAndForMany) {
  std::mt19937 random(7);
  for (const UserNumber users : {8u, 300u, 5'000u}) {
    ProfileCodes codes;
    std::map<UserNumber, uint32_t> expected;
    const auto put = [&](UserNumber user, uint32_t code) {
      EXPECT_EQ(codes.Put(user, code), expected[user]);
      expected[user] = code;
    };
    // More and more users have one, then fewer and fewer; now and then comes
    // one who is far away.
    for (int i = 0; i < 20'000; ++i) {
      const bool grows = i % 10'000 < 5'000;
      put(random() % users, random() % (grows ? 9 : 2) ? random() % 5 : 0);
      if (i % 5'000 == 4'999) put(users * (i / 1'000 + 40), 3);
    }
    std::vector<uint32_t> run;
    for (int i = 0; i < 4'096; ++i) run.push_back(random() % 3);
    const UserNumber begin = users * 100;
    codes.PutRun(begin, run);
    for (size_t i = 0; i < run.size(); ++i) expected[begin + i] = run[i];

    std::map<UserNumber, uint32_t> all;
    codes.ForEach([&](UserNumber user, uint32_t code) {
      EXPECT_TRUE(all.emplace(user, code).second);
    });
    std::erase_if(expected, [](const auto& one) { return one.second == 0; });
    EXPECT_EQ(all, expected);
    for (const auto& [user, code] : expected) {
      EXPECT_EQ(codes.Of(user), code);
      EXPECT_EQ(codes.Of(user + 7'000'000), 0u);
    }
  }
}

std::vector<UserRecord> SomeRecords() {
  const auto at = [](int64_t ms, int low) { return Stamp::OfBits(ms, low); };
  return {
      {"ann", UserKind::kIdentified, kNoUser, at(1'772'359'200'000, 8), {}, ""},
      {"v1", UserKind::kAnonymous, 0, at(-86'400'000, 9), at(1000, 10), ""},
      {"", UserKind::kErased, kNoUser, {}, {}, ""},
      {"bob",
       UserKind::kIdentified,
       kNoUser,
       {},
       at(-62'135'596'800'000, 6),
       "v1"},
  };
}

TEST(UserBlock, ComesBack) {
  const auto records = SomeRecords();
  const auto users = UnpackUserBlock(PackUserBlock(records));
  ASSERT_TRUE(users);
  ASSERT_EQ(users->records.size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    const UserRecord& user = users->records[i];
    EXPECT_EQ(user.id, records[i].id);
    EXPECT_EQ(user.kind, records[i].kind);
    EXPECT_EQ(user.into, records[i].into);
    EXPECT_EQ(user.first, records[i].first);
    EXPECT_EQ(user.created, records[i].created);
    EXPECT_EQ(user.experiment_key, records[i].experiment_key);
  }
}

TEST(UserBlock, ADamagedOneIsNoticed) {
  const std::string packed = PackUserBlock(SomeRecords());
  for (size_t i = 0; i < packed.size(); ++i) {
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(UnpackUserBlock(damaged)) << i;
  }
}

class UserBlocksTest : public ::testing::Test {
 protected:
  void AddUsers(UserDirectory& users, int count) {
    store_.Write([&](SQLite::Database& db) {
      for (int i = 0; i < count; ++i) {
        users.Add("u" + std::to_string(users.size()));
      }
      users.SaveAdded(db);
    });
  }
  void Save(UserDirectory& users) {
    store_.Write([&](SQLite::Database& db) { users.Save(db); });
    users.Saved();
  }
  int64_t Count(const std::string& table) {
    return store_.Read([&](SQLite::Database& db) {
      return db.execAndGet("SELECT count(*) FROM " + table).getInt64();
    });
  }
  std::string WhyNotOpened() {
    try {
      UserDirectory users(store_);
      return "opened";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  }
  void Run(const std::string& sql) {
    store_.Write([&](SQLite::Database& db) { db.exec(sql); });
  }

  testing::TempDir dir_;
  std::string file_ = (dir_ / "store.db").string();
  Store store_{file_, StoreMigrations()};
};

TEST_F(UserBlocksTest, ASavePacksWhatIsWorthIt) {
  UserDirectory users(store_);
  // Many at once need no save.
  AddUsers(users, 10'000);
  EXPECT_EQ(Count("user_blocks"), 3);
  EXPECT_EQ(Count("users"), 0);
  EXPECT_FALSE(users.IsSaveDue());
  for (int i = 0; i < 2; ++i) AddUsers(users, 60);
  EXPECT_EQ(Count("users"), 120);
  EXPECT_TRUE(users.IsSaveDue());
  Save(users);
  EXPECT_EQ(Count("users"), 0);
  EXPECT_FALSE(users.IsSaveDue());

  // A few more are kept as rows, and so are a few first events.
  AddUsers(users, 3);
  const Moment when = *Calendar::Utc().ParseMoment("2026-03-01");
  for (UserNumber user : {0, 5000, 10'121}) users.NoteEvent(user, when);
  Save(users);
  EXPECT_EQ(Count("users"), 5);
  const UserDirectory again(store_);
  EXPECT_EQ(again.size(), 10'123u);
  for (UserNumber user : {0, 5000, 10'121}) {
    EXPECT_EQ(again.RegisteredAt(user)->at, when.at);
  }
}

TEST_F(UserBlocksTest, ThoseWhoChangedLaterArePackedToo) {
  UserDirectory users(store_);
  AddUsers(users, 5'000);
  store_.Write([&](SQLite::Database& db) {
    for (UserNumber user = 0; user < 40; ++user) {
      EXPECT_TRUE(users.UpdateProfile(
          db, user, R"({"created_at":"2026-03-01"})", Calendar::Utc()));
      users.Merge(db, 100 + user, 200 + user, false);
    }
  });
  EXPECT_EQ(Count("users"), 120);
  EXPECT_TRUE(users.IsSaveDue());
  Save(users);
  EXPECT_EQ(Count("users"), 0);
  EXPECT_FALSE(users.IsSaveDue());
  const UserDirectory again(store_);
  EXPECT_EQ(FormatDay(again.RegisteredAt(39)->day), "2026-03-01");
  EXPECT_EQ(again.Find("u139"), 239u);
}

TEST_F(UserBlocksTest, TheErasedAreNotInTheirBlockAnyMore) {
  UserDirectory users(store_);
  AddUsers(users, 5'000);
  Save(users);
  const UserNumber five = 5;
  store_.Write([&](SQLite::Database& db) { users.Erase(db, {&five, 1}); });
  // Killed before the save: the next start knows that it is due.
  UserDirectory again(store_);
  EXPECT_EQ(again.Find("u5"), kNoUser);
  EXPECT_TRUE(again.IsSaveDue());
  Save(again);
  const auto block = store_.Read([](SQLite::Database& db) {
    return db.execAndGet("SELECT users FROM user_blocks WHERE block = 0")
        .getString();
  });
  EXPECT_EQ(UnpackUserBlock(block)->records[5].kind, UserKind::kErased);
  EXPECT_EQ(UnpackUserBlock(block)->records[5].id, "");
}

TEST_F(UserBlocksTest, ProfilesArePackedLikewise) {
  UserDirectory users(store_);
  AddUsers(users, 5'000);
  const auto profile = [&](UserDirectory& users, UserNumber user,
                           const std::string& json) {
    store_.Write([&](SQLite::Database& db) {
      EXPECT_TRUE(users.UpdateProfile(db, user, json, Calendar::Utc()));
    });
  };
  const auto json = [](UserNumber user) {
    return "{\"city\":\"c" + std::to_string(user % 3) +
           "\",\"n\":" + std::to_string(user) + "}";
  };
  for (UserNumber user = 0; user < 100; ++user)
    profile(users, user, json(user));
  profile(users, 4'500, json(4'500));
  Save(users);
  EXPECT_EQ(Count("profile_blocks"), 1);
  EXPECT_EQ(Count("profiles"), 1);

  // What changes afterwards wins, an empty profile too.
  profile(users, 7, R"({"city":null,"n":null})");
  profile(users, 8, R"({"n":-1})");
  EXPECT_EQ(Count("profiles"), 3);
  EXPECT_FALSE(users.IsSaveDue());
  UserDirectory again(store_);
  for (UserNumber user = 0; user < 100; ++user) {
    EXPECT_EQ(again.ProfileOf(user), users.ProfileOf(user));
  }
  EXPECT_EQ(again.ProfileOf(7), "{}");
  EXPECT_EQ(again.ProfileOf(8), R"({"city":"c2","n":-1})");
  EXPECT_EQ(again.ProfileOf(4'500), json(4'500));

  const UserNumber nine = 9;
  store_.Write([&](SQLite::Database& db) { again.Erase(db, {&nine, 1}); });
  Save(again);
  EXPECT_EQ(Count("profiles"), 1);
  const UserDirectory third(store_);
  EXPECT_EQ(third.ProfileOf(8), R"({"city":"c2","n":-1})");
  EXPECT_EQ(third.ProfileOf(9), "{}");

  Run("UPDATE profile_blocks SET profiles = x'00'");
  EXPECT_EQ(WhyNotOpened(),
            file_ + ": block 0 of the stored profiles is damaged");
}

TEST_F(UserBlocksTest, ADamagedBlockIsNamed) {
  UserDirectory users(store_);
  AddUsers(users, 10'000);
  Save(users);
  Workers workers;
  const auto check = [&] {
    return store_.Read(
        [&](SQLite::Database& db) { return CheckUsers(db, workers); });
  };
  EXPECT_EQ(check(), std::vector<std::string>());
  Run("UPDATE user_blocks SET users = zeroblob(99) WHERE block = 1");
  EXPECT_EQ(check(),
            std::vector<std::string>{"block 1 of the stored users is damaged"});
  EXPECT_EQ(WhyNotOpened(), file_ + ": block 1 of the stored users is damaged");
  Run("DELETE FROM user_blocks WHERE block = 1");
  EXPECT_EQ(WhyNotOpened(),
            file_ + ": block 1 of the stored users is missing or cut short");
}

TEST(UserBlocks, AFolderFromBeforeThemIsReadAndPacked) {
  testing::TempDir dir;
  const std::string file = (dir / "store.db").string();
  {
    SQLite::Database db(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (const char* script : StoreMigrations()[0]) db.exec(script);
    db.exec("PRAGMA user_version = 1");
    db.exec(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 4999) INSERT INTO users (number, id, anonymous, first_at, "
        "first_day, first_by_day) SELECT i, 'u' || i, 0, "
        "1772294400000, 20513, 1 FROM n");
    db.exec("UPDATE users SET merged_into = 8 WHERE number = 7");
    db.exec("UPDATE users SET id = NULL WHERE number = 9");
  }
  Store store(file, StoreMigrations());
  for (int pass = 0; pass < 2; ++pass) {
    UserDirectory users(store);
    EXPECT_EQ(users.size(), 5'000u);
    EXPECT_EQ(users.Find("u4999"), 4'999u);
    EXPECT_EQ(users.Find("u7"), 8u);
    EXPECT_EQ(users.Find("u9"), kNoUser);
    EXPECT_EQ(users.NumbersOf(8), (std::vector<UserNumber>{8, 7}));
    EXPECT_EQ(FormatDay(users.RegisteredAt(8)->day), "2026-03-01");
    EXPECT_EQ(users.RegisteredDays()[8], 20'513);
    EXPECT_EQ(users.RegisteredDays()[7], kNoRegisteredDay);
    EXPECT_EQ(users.IsSaveDue(), pass == 0);
    store.Write([&](SQLite::Database& db) { users.Save(db); });
    users.Saved();
  }
}

}  // namespace
}  // namespace rekindle

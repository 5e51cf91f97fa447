#include "engine/users/user_directory.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/store_schema.h"
#include "engine/users/forgotten_ids.h"
#include "engine/users/profile_columns.h"
#include "tests/support/temp_dir.h"
#include "tests/support/yaml_text.h"

namespace rekindle {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<UserNumber>;

class UserDirectoryTest : public ::testing::Test {
 protected:
  template <class Work>
  auto Write(Work&& work) {
    return store_->Write(std::forward<Work>(work));
  }
  UserNumber Add(const std::string& id) {
    return Write([&](SQLite::Database& db) {
      const UserNumber user = users_->Add(id);
      users_->SaveAdded(db);
      return user;
    });
  }
  UserNumber AddAnonymous(const std::string& id) {
    return Write([&](SQLite::Database& db) {
      const UserNumber user = users_->AddAnonymous(id);
      users_->SaveAdded(db);
      return user;
    });
  }
  Status Profile(UserNumber user, const std::string& json) {
    return Write([&](SQLite::Database& db) {
      return users_->UpdateProfile(db, user, json, calendar_);
    });
  }
  void Tag(UserNumber user, const std::string& tag, bool present = true) {
    Write(
        [&](SQLite::Database& db) { users_->SetTag(db, user, tag, present); });
  }
  void Merge(UserNumber from, UserNumber into, bool drawn_first = false) {
    Write([&](SQLite::Database& db) {
      users_->Merge(db, from, into, drawn_first);
    });
  }
  void Save() {
    Write([&](SQLite::Database& db) { users_->Save(db); });
    users_->Saved();
  }
  void Reopen() {
    users_.reset();
    store_.reset();
    store_ = std::make_unique<Store>(dir_ / "store.db", StoreMigrations());
    users_ = std::make_unique<UserDirectory>(*store_);
  }
  Moment At(const std::string& text) const {
    return *calendar_.ParseMoment(text);
  }
  // "" where not known.
  std::string RegisteredAt(UserNumber user) const {
    const auto at = users_->RegisteredAt(user);
    if (!at) return "";
    return FormatDay(at->day) +
           (at->by_day ? "" : " " + calendar_.Format(at->at));
  }
  Texts Selected(const std::string& key, const std::string& test_yaml) const {
    yaml::Diagnostics d;
    const auto test =
        ValueTest::Parse(testing::YamlOf(test_yaml), d, "test", calendar_);
    EXPECT_TRUE(test) << d.Render();
    Texts ids;
    users_->WithProfile(key, *test).ForEach([&](UserNumber user) {
      ids.emplace_back(users_->IdOf(user));
    });
    return ids;
  }

  testing::TempDir dir_;
  Calendar calendar_ = *Calendar::Load("Asia/Shanghai");
  std::unique_ptr<Store> store_ =
      std::make_unique<Store>(dir_ / "store.db", StoreMigrations());
  std::unique_ptr<UserDirectory> users_ =
      std::make_unique<UserDirectory>(*store_);
};

TEST_F(UserDirectoryTest, NumbersAreDenseAndIdsAreApart) {
  EXPECT_EQ(users_->size(), 0u);
  EXPECT_EQ(Add("ann"), 0u);
  EXPECT_EQ(AddAnonymous("ann"), 1u);
  EXPECT_EQ(Add("上海"), 2u);
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->size(), 3u);
    EXPECT_EQ(users_->Find("ann"), 0u);
    EXPECT_EQ(users_->FindAnonymous("ann"), 1u);
    EXPECT_EQ(users_->Find("上海"), 2u);
    EXPECT_EQ(users_->Find("bob"), kNoUser);
    EXPECT_EQ(users_->FindAnonymous("上海"), kNoUser);
    EXPECT_EQ(users_->IdOf(2), "上海");
    EXPECT_FALSE(users_->IsAnonymous(0));
    EXPECT_TRUE(users_->IsAnonymous(1));
    Reopen();
  }
}

TEST_F(UserDirectoryTest, ManyIdsStayInPlace) {
  Write([&](SQLite::Database& db) {
    for (int i = 0; i < 20'000; ++i) users_->Add("u" + std::to_string(i));
    users_->SaveAdded(db);
  });
  for (int pass = 0; pass < 2; ++pass) {
    for (UserNumber i = 0; i < 20'000; ++i) {
      ASSERT_EQ(users_->Find("u" + std::to_string(i)), i);
    }
    Reopen();
  }
}

// Few are written one by one, many in blocks, of which each may follow only
// those that are stored.
TEST_F(UserDirectoryTest, AddedByFewAndByMany) {
  int count = 0;
  for (const int more : {1, 64, 65, 3960, 10, 100, 63, 64, 9000, 1, 200}) {
    Write([&](SQLite::Database& db) {
      for (int i = 0; i < more; ++i, ++count) {
        const std::string id = "u" + std::to_string(count);
        count % 5 == 0 ? users_->AddAnonymous(id) : users_->Add(id);
      }
      users_->SaveAdded(db);
    });
    Reopen();
    ASSERT_EQ(users_->size(), count);
  }
  for (int i = 0; i < count; ++i) {
    const std::string id = "u" + std::to_string(i);
    ASSERT_EQ(i % 5 == 0 ? users_->FindAnonymous(id) : users_->Find(id), i);
    ASSERT_EQ(users_->IsAnonymous(i), i % 5 == 0);
  }
}

TEST_F(UserDirectoryTest, RegistrationIsTheEarlierOfTheTwo) {
  const UserNumber user = Add("ann");
  EXPECT_EQ(RegisteredAt(user), "");
  users_->NoteEvent(user, At("2026-03-05T09:00:00+08:00"));
  EXPECT_EQ(RegisteredAt(user), "2026-03-05 2026-03-05T09:00:00+08:00");
  users_->NoteEvent(user, At("2026-03-06T09:00:00+08:00"));
  users_->NoteEvent(user, At("2026-03-04T23:30:00+00:00"));
  EXPECT_EQ(RegisteredAt(user), "2026-03-05 2026-03-05T07:30:00+08:00");
  EXPECT_TRUE(Profile(user, R"({"created_at":"2026-02-01"})"));
  EXPECT_EQ(RegisteredAt(user), "2026-02-01");
  // Corrected, and taken away: the first event counts again.
  EXPECT_TRUE(Profile(user, R"({"createdAt":1772000000})"));
  EXPECT_EQ(RegisteredAt(user), "2026-02-25 2026-02-25T14:13:20+08:00");
  EXPECT_TRUE(Profile(user, R"({"created_at":"2027-01-01"})"));
  EXPECT_EQ(RegisteredAt(user), "2026-03-05 2026-03-05T07:30:00+08:00");
  EXPECT_TRUE(Profile(user, R"({"created_at":null})"));
  EXPECT_EQ(RegisteredAt(user), "2026-03-05 2026-03-05T07:30:00+08:00");
  EXPECT_EQ(users_->ProfileOf(user), "{}");

  Save();
  Reopen();
  EXPECT_EQ(RegisteredAt(user), "2026-03-05 2026-03-05T07:30:00+08:00");
}

TEST_F(UserDirectoryTest, AnonymousUsersAreNotKnown) {
  const UserNumber visitor = AddAnonymous("v1");
  users_->NoteEvent(visitor, At("2026-03-05"));
  EXPECT_EQ(RegisteredAt(visitor), "");
}

TEST_F(UserDirectoryTest, AnotherZoneMovesExactTimesAndNoDates) {
  const UserNumber ann = Add("ann");
  const UserNumber bob = Add("bob");
  users_->NoteEvent(ann, At("2026-03-04T23:30:00+00:00"));
  EXPECT_TRUE(Profile(bob, R"({"created_at":"2026-03-04"})"));
  EXPECT_EQ(RegisteredAt(ann).substr(0, 10), "2026-03-05");
  const Calendar utc = Calendar::Utc();
  Write([&](SQLite::Database& db) { users_->Rezone(db, utc); });
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(FormatDay(users_->RegisteredAt(ann)->day), "2026-03-04");
    EXPECT_EQ(FormatDay(users_->RegisteredAt(bob)->day), "2026-03-04");
    EXPECT_EQ(utc.Format(users_->RegisteredAt(bob)->at),
              "2026-03-04T00:00:00+00:00");
    Reopen();
  }
}

TEST_F(UserDirectoryTest, ProfilesMergeShallowly) {
  const UserNumber user = Add("ann");
  EXPECT_TRUE(Profile(user, R"({"city":"上海","age":30,"car":{"model":"x"}})"));
  EXPECT_TRUE(Profile(user, R"({"age":31,"vip":true,"car":{"year":2024}})"));
  EXPECT_TRUE(Profile(user, R"({"city":null})"));
  EXPECT_TRUE(Profile(user, ""));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->ProfileOf(user),
              R"({"age":31,"car":{"year":2024},"vip":true})");
    EXPECT_EQ(users_->ProfileValue(user, "age"), Value(31.0));
    EXPECT_EQ(users_->ProfileValue(user, "vip"), Value(true));
    EXPECT_EQ(users_->ProfileValue(user, "car"), Value());
    EXPECT_EQ(users_->ProfileValue(user, "city"), Value());
    EXPECT_EQ(users_->ProfileKeys(), (Texts{"age", "car", "vip"}));
    Reopen();
  }
}

TEST_F(UserDirectoryTest, KeysAndTextsOfAnyKindComeBack) {
  const UserNumber user = Add("ann");
  const std::string profile =
      R"({"a\"b":"q\"\n","big":9007199254740993,"f":1.5,"列表":[1,"二"]})";
  EXPECT_TRUE(Profile(user, profile));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->ProfileOf(user), profile);
    EXPECT_EQ(users_->ProfileValue(user, "a\"b"), Value("q\"\n"));
    EXPECT_EQ(users_->ProfileValue(user, "big"), Value("9007199254740993"));
    EXPECT_EQ(users_->ProfileValue(user, "f"), Value(1.5));
    Reopen();
  }
}

TEST_F(UserDirectoryTest, NumbersBeyondAWordAreTexts) {
  const UserNumber user = Add("ann");
  EXPECT_TRUE(Profile(user, R"({"a":18446744073709551616,"b":[1,)"
                            R"(-9223372036854775809],"c":18446744073709551615,)"
                            R"("d":"100000000000000000000"})"));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->ProfileOf(user),
              R"({"a":"18446744073709551616","b":[1,"-9223372036854775809"],)"
              R"("c":18446744073709551615,"d":"100000000000000000000"})");
    EXPECT_EQ(users_->ProfileValue(user, "a"), Value("18446744073709551616"));
    EXPECT_EQ(users_->ProfileValue(user, "c"), Value("18446744073709551615"));
    Reopen();
  }
  EXPECT_EQ(Selected("a", "{gte: 18}"), Texts{"ann"});
  EXPECT_EQ(Selected("a", "18446744073709551616"), Texts{"ann"});
}

TEST_F(UserDirectoryTest, WhatCannotBeReadChangesNothing) {
  const UserNumber user = Add("ann");
  EXPECT_TRUE(Profile(user, R"({"city":"上海"})"));
  const struct {
    std::string json;
    std::string message;
  } rows[] = {
      {"[1]", "the profile is not a JSON object"},
      {"{\"city\":", "the profile is not a JSON object"},
      {R"({"city":"北京","created_at":"soon"})",
       "created_at: \"soon\" is not a time: write 2026-02-14, "
       "2026-02-14T09:30:00+08:00, or unix seconds or milliseconds"},
      {R"({"created_at":"0001-01-01"})",
       "created_at: 0001-01-01 is before 1900"},
  };
  for (const auto& row : rows) {
    const Status status = Profile(user, row.json);
    ASSERT_FALSE(status) << row.json;
    EXPECT_EQ(status.error().kind, ErrorKind::kUsage) << row.json;
    EXPECT_EQ(status.error().message, row.message);
    EXPECT_EQ(users_->ProfileOf(user), R"({"city":"上海"})") << row.json;
  }
}

TEST_F(UserDirectoryTest, SelectsByProfile) {
  for (const char* id : {"ann", "bob", "cid", "dan"}) Add(id);
  EXPECT_TRUE(Profile(0, R"({"city":"上海","age":20})"));
  EXPECT_TRUE(Profile(1, R"({"city":"杭州","age":17})"));
  EXPECT_TRUE(Profile(2, R"({"city":"上海"})"));
  EXPECT_EQ(Selected("city", "上海"), (Texts{"ann", "cid"}));
  EXPECT_EQ(Selected("city", "[杭州, 北京]"), Texts{"bob"});
  EXPECT_EQ(Selected("age", "{gte: 18}"), Texts{"ann"});
  EXPECT_EQ(Selected("age", "{exists: false}"), (Texts{"cid", "dan"}));
  EXPECT_EQ(Selected("unheard", "{exists: false}"),
            (Texts{"ann", "bob", "cid", "dan"}));
  EXPECT_EQ(Selected("unheard", "x"), Texts{});
  Merge(2, 3);
  EXPECT_EQ(Selected("city", "上海"), (Texts{"ann", "dan"}));
  EXPECT_EQ(Selected("age", "{exists: false}"), Texts{"dan"});
}

TEST_F(UserDirectoryTest, ValuesThatNobodyHasAreForgotten) {
  const UserNumber ann = Add("ann");
  const UserNumber bob = Add("bob");
  EXPECT_TRUE(Profile(bob, R"({"token":"kept"})"));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(Profile(ann, "{\"token\":\"t" + std::to_string(i) + "\"}"));
  }
  EXPECT_EQ(Selected("token", "t99"), Texts{"ann"});
  EXPECT_EQ(Selected("token", "t98"), Texts{});
  EXPECT_EQ(Selected("token", "kept"), Texts{"bob"});
  EXPECT_TRUE(Profile(ann, R"({"token":null})"));
  EXPECT_TRUE(Profile(bob, R"({"token":null})"));
  EXPECT_EQ(users_->ProfileKeys(), Texts{});
}

TEST_F(UserDirectoryTest, AUsersOwnZone) {
  const UserNumber ann = Add("ann");
  const UserNumber bob = Add("bob");
  EXPECT_TRUE(Profile(ann, R"({"time_zone":"America/Los_Angeles"})"));
  EXPECT_TRUE(Profile(bob, R"({"time_zone":"Mars/Olympus"})"));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->ZoneOf(ann, calendar_).zone_name(),
              "America/Los_Angeles");
    EXPECT_EQ(users_->ZoneOf(bob, calendar_).zone_name(), "Asia/Shanghai");
    Reopen();
  }
}

TEST_F(UserDirectoryTest, Tags) {
  Add("ann");
  Add("bob");
  Tag(0, "vip");
  Tag(0, "beta");
  Tag(1, "vip");
  Tag(1, "vip", false);
  Tag(1, "never", false);
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->TagsOf(0), (Texts{"beta", "vip"}));
    EXPECT_EQ(users_->TagsOf(1), Texts{});
    EXPECT_EQ(users_->Tagged("vip").ToList(), Numbers{0});
    EXPECT_TRUE(users_->Tagged("unheard").Empty());
    Reopen();
  }
}

TEST_F(UserDirectoryTest, AMergeJoinsTheTwo) {
  const UserNumber visitor = AddAnonymous("v1");
  const UserNumber ann = Add("ann");
  users_->NoteEvent(visitor, At("2026-01-05"));
  users_->NoteEvent(ann, At("2026-02-01"));
  EXPECT_TRUE(Profile(visitor, R"({"city":"杭州","source":"ad"})"));
  EXPECT_TRUE(Profile(ann, R"({"city":"上海"})"));
  Tag(visitor, "seen-ad");
  Tag(visitor, "vip");
  Tag(ann, "vip");
  Merge(visitor, ann);
  Save();
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->FindAnonymous("v1"), ann);
    EXPECT_EQ(users_->Resolve(visitor), ann);
    EXPECT_EQ(users_->NumbersOf(visitor), (Numbers{ann, visitor}));
    EXPECT_EQ(RegisteredAt(ann), "2026-01-05");
    EXPECT_EQ(RegisteredAt(visitor), "");
    EXPECT_EQ(users_->ProfileOf(ann), R"({"city":"上海","source":"ad"})");
    EXPECT_EQ(users_->ProfileOf(visitor), "{}");
    EXPECT_EQ(users_->TagsOf(ann), (Texts{"seen-ad", "vip"}));
    EXPECT_EQ(users_->TagsOf(visitor), Texts{});
    EXPECT_EQ(users_->ExperimentKey(ann), "ann");
    Reopen();
  }
}

TEST_F(UserDirectoryTest, TheEarlierDrawnKeepsItsExperiments) {
  const UserNumber a = Add("a");
  const UserNumber b = Add("b");
  const UserNumber c = Add("c");
  Merge(a, b, true);
  Merge(b, c, true);
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->ExperimentKey(c), "a");
    EXPECT_EQ(users_->Find("a"), c);
    EXPECT_EQ(users_->NumbersOf(a), (Numbers{c, b, a}));
    Reopen();
  }
}

TEST_F(UserDirectoryTest, ALinkLeadsToTheUserSaidLast) {
  const UserNumber ann = Add("ann");
  const UserNumber bob = Add("bob");
  const auto link = [&](UserNumber user) {
    Write([&](SQLite::Database& db) {
      users_->LinkAnonymous(db, "shared-phone", user);
    });
  };
  link(ann);
  EXPECT_EQ(users_->FindAnonymous("shared-phone"), ann);
  link(bob);
  link(bob);
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->FindAnonymous("shared-phone"), bob);
    EXPECT_EQ(users_->AnonymousIdsOf(Numbers{bob}), Texts{"shared-phone"});
    EXPECT_EQ(users_->size(), 2u);
    Reopen();
  }
}

TEST_F(UserDirectoryTest, NothingIsLeftOfTheErased) {
  const UserNumber ann = Add("ann");
  const UserNumber visitor = AddAnonymous("v1");
  const UserNumber bob = Add("bob");
  users_->NoteEvent(ann, At("2026-02-01"));
  EXPECT_TRUE(Profile(ann, R"({"email":"ann@app.example"})"));
  Tag(ann, "vip");
  Merge(visitor, ann);
  Write([&](SQLite::Database& db) {
    users_->LinkAnonymous(db, "v2", ann);
    users_->Erase(db, users_->NumbersOf(ann));
  });
  Save();
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->size(), 3u);
    EXPECT_EQ(users_->Find("ann"), kNoUser);
    EXPECT_EQ(users_->FindAnonymous("v1"), kNoUser);
    EXPECT_EQ(users_->FindAnonymous("v2"), kNoUser);
    EXPECT_EQ(users_->IdOf(ann), "");
    EXPECT_EQ(users_->ProfileOf(ann), "{}");
    EXPECT_EQ(users_->TagsOf(ann), Texts{});
    EXPECT_EQ(Selected("email", "{exists: false}"), Texts{"bob"});
    users_->NoteEvent(ann, At("2026-02-01"));
    EXPECT_EQ(RegisteredAt(ann), "");
    EXPECT_EQ(users_->Find("bob"), bob);
    Reopen();
  }
  EXPECT_EQ(Add("ann"), 3u);
}

TEST_F(UserDirectoryTest, WithTheErasedTheirLinksGo) {
  const UserNumber ann = Add("ann");
  const UserNumber bob = Add("bob");
  Write([&](SQLite::Database& db) {
    for (UserNumber user : {ann, bob}) {
      users_->LinkAnonymous(db, "shared-phone", user);
      users_->LinkAnonymous(db, "old-phone", bob);
    }
    users_->LinkAnonymous(db, "old-phone", ann);
    users_->Erase(db, Numbers{bob});
  });
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(users_->FindAnonymous("shared-phone"), kNoUser);
    EXPECT_EQ(users_->FindAnonymous("old-phone"), ann);
    Reopen();
  }
}

TEST_F(UserDirectoryTest, ClientsMakeSoManyProfileKeysAndNoMore) {
  const UserNumber ann = Add("ann"), bob = Add("bob");
  const auto change = [&](UserNumber user, ProfileChange with) {
    const auto taken_out = users_->TakeOutNewKeys(&with);
    Write([&](SQLite::Database& db) { users_->ChangeProfile(db, user, with); });
    return taken_out;
  };
  using Keys = std::vector<std::string>;
  ProfileChange many;
  for (size_t i = 1; i < ProfileColumns::kMostKeys; ++i) {
    many.values.emplace_back("k" + std::to_string(i), "1");
  }
  EXPECT_EQ(change(ann, many), Keys());

  EXPECT_EQ(
      change(bob, {.values = {{"k7", "2"}, {"last", "3"}, {"more", "4"}}}),
      Keys{"more"});
  EXPECT_EQ(users_->ProfileOf(bob), R"({"k7":2,"last":3})");
  EXPECT_EQ(change(bob, {.values = {{"email", "5"}, {"more", "6"}}}),
            Keys{"more"})
      << "what Rekindle reads has room";

  // What nobody has any more makes room, after a start as before.
  Save();
  Reopen();
  EXPECT_EQ(change(ann, {.values = {{"k1", ""}, {"never_was", ""}}}), Keys());
  EXPECT_EQ(change(bob, {.values = {{"email", ""}, {"more", "7"}}}), Keys());
  EXPECT_EQ(users_->ProfileOf(bob), R"({"k7":2,"last":3,"more":7})");
}

TEST_F(UserDirectoryTest, ReloadDropsWhatWasRolledBack) {
  const UserNumber ann = Add("ann");
  users_->NoteEvent(ann, At("2026-02-01"));
  EXPECT_THROW(
      Write([&](SQLite::Database& db) {
        users_->Add("bob");
        users_->SaveAdded(db);
        EXPECT_TRUE(users_->UpdateProfile(db, ann, R"({"a":1})", calendar_));
        throw std::runtime_error("disk full");
      }),
      std::runtime_error);
  users_->Reload(*store_);
  EXPECT_EQ(users_->size(), 1u);
  EXPECT_EQ(users_->Find("bob"), kNoUser);
  EXPECT_EQ(users_->ProfileOf(ann), "{}");
  EXPECT_EQ(RegisteredAt(ann), "2026-02-01");
  EXPECT_EQ(Add("bob"), 1u);
}

TEST_F(UserDirectoryTest, ForgottenIdsAreKnownByTheirHashesOnly) {
  ForgottenIds forgotten(*store_);
  Write([&](SQLite::Database& db) {
    forgotten.Add(db, IdKind::kUser, "ann");
    forgotten.Add(db, IdKind::kUser, "ann");
  });
  const ForgottenIds again(*store_);
  for (const ForgottenIds* ids : {&std::as_const(forgotten), &again}) {
    EXPECT_TRUE(ids->Contains(IdKind::kUser, "ann"));
    EXPECT_FALSE(ids->Contains(IdKind::kAnonymous, "ann"));
    EXPECT_FALSE(ids->Contains(IdKind::kUser, "bob"));
  }
  testing::TempDir elsewhere;
  Store other(elsewhere / "store.db", StoreMigrations());
  ForgottenIds other_ids(other);
  const auto hash = [](Store& store) {
    return store.Read([](SQLite::Database& db) {
      return db.execAndGet("SELECT max(hash) FROM forgotten").getString();
    });
  };
  other.Write(
      [&](SQLite::Database& db) { other_ids.Add(db, IdKind::kUser, "ann"); });
  EXPECT_NE(hash(*store_), hash(other)) << "each folder has its own salt";
  EXPECT_EQ(hash(other).find("ann"), std::string::npos);
}

}  // namespace
}  // namespace rekindle

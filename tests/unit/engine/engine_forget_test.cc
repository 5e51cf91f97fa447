#include <SQLiteCpp/SQLiteCpp.h>

#include <bit>
#include <set>

#include "engine/standings/standing_store.h"
#include "engine/store_schema.h"
#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

constexpr char kKeptOut[] =
    "this user was forgotten on request and is kept out";

class EngineForgetTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    AppendAll(
        {Visit("ann-visitor", "app_open", "2026-01-09"),
         Identify("ann-main", "ann-visitor",
                  R"({"email":"ann-mail@app.example"})"),
         Event("ann-old", "app_open", "2026-02-09", R"({"note":"ann-note"})"),
         Alias("ann-old", "ann-main"),
         Event("bob", "app_open", "2026-02-10", R"({"note":"kept"})")});
    engine_->PutTag("ann-main", "vip", true);
    engine_->Recompute(At("2026-03-01").at);
  }
  // Days of a behavior in all months.
  int Days(BehaviorIndex b, UserNumber user) const {
    const auto months = engine_->columns().Months(b);
    int days = 0;
    for (int32_t m = months ? months->first : 0; months && m <= months->second;
         ++m) {
      days += std::popcount(engine_->columns().DayMask(b, user, m));
    }
    return days;
  }
  using EngineTest::Days;
  // Of whom anything is stored by recomputes.
  std::set<UserNumber> Standings() const {
    return engine_->store().Read([&](SQLite::Database& db) {
      std::set<UserNumber> users;
      const StoredStandings stored = LoadStandings(db);
      for (const NamedSet& set : stored.sets) {
        set.users.ForEach([&](UserNumber user) { users.insert(user); });
      }
      for (UserNumber user = 0; user < engine_->users().size(); ++user) {
        if (!StandingHistory(db, user).empty()) users.insert(user);
      }
      return users;
    });
  }
  // Whether any file of the folder holds the text.
  bool OnDisk(const std::string& text) {
    for (const auto& file : std::filesystem::directory_iterator(folder())) {
      const auto name = "data/" + file.path().filename().string();
      if (dir_.Read(name).find(text) != std::string::npos) return true;
    }
    return false;
  }
};

TEST_F(EngineForgetTest, NothingOfThePersonStays) {
  EXPECT_TRUE(OnDisk("ann-main"));
  EXPECT_TRUE(OnDisk("ann-mail"));
  ASSERT_TRUE(engine_->Forget("ann-main"));
  for (int pass = 0; pass < 2; ++pass) {
    for (const char* id : {"ann-main", "ann-old"}) {
      EXPECT_EQ(engine_->users().Find(id), kNoUser) << id;
    }
    EXPECT_EQ(engine_->users().FindAnonymous("ann-visitor"), kNoUser);
    EXPECT_EQ(engine_->journal().stats().events, 1);
    for (BehaviorIndex b = 0; b < engine_->columns().behaviors(); ++b) {
      for (UserNumber user = 0; user < engine_->users().size(); ++user) {
        if (user == engine_->users().Find("bob")) continue;
        EXPECT_EQ(Days(b, user), 0) << b << " " << user;
        EXPECT_EQ(engine_->columns().Last(user), std::nullopt);
      }
    }
    EXPECT_EQ(Standings(), (std::set{engine_->users().Find("bob")}));
    EXPECT_EQ(Count("SELECT count(*) FROM erasures"), 0);
    EXPECT_EQ(Days("bob", "app_open"), "2026-02-10");
    Reopen();
  }
  engine_.reset();
  for (const char* text : {"ann-main", "ann-mail", "ann-old", "ann-visitor"}) {
    EXPECT_FALSE(OnDisk(text)) << text;
  }
  EXPECT_TRUE(OnDisk("bob"));
}

TEST_F(EngineForgetTest, TheForgottenAreKeptOut) {
  ASSERT_TRUE(engine_->Forget("ann-old"));  // another id of the same person
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(
        AppendAll({Event("ann-main", "app_open", "2026-03-02"),
                   Event("ann-old", "app_open", "2026-03-02"),
                   Visit("ann-visitor", "app_open", "2026-03-02"),
                   Identify("ann-main", ""), Alias("ann-old", "carl"),
                   Event("bob", "app_open", "2026-03-02")}),
        (Texts{kKeptOut, kKeptOut, kKeptOut, kKeptOut, kKeptOut, "accepted"}));
    // Whatever else is wrong with it: then it would be kept as a dead letter.
    EXPECT_EQ(AppendAll({Event("ann-main", "app_open", "2027-03-02"),
                         Identify("ann-main", "", R"({"created_at":"soon"})"),
                         Alias("ann-old", "ann-old")}),
              Texts(3, kKeptOut));
    const Status put = engine_->PutUser("ann-main", "{}");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().message, kKeptOut);
    Reopen();
  }
  // Somebody else may use the device.
  EXPECT_EQ(AppendAll({Identify("carl", "ann-visitor")}), Texts{"accepted"});
  EXPECT_EQ(AppendAll({Visit("ann-visitor", "app_open", "2026-03-02")}),
            Texts{kKeptOut});
}

TEST_F(EngineForgetTest, ADeviceIsKeptOutWithItsLastUser) {
  AppendAll({Visit("tablet", "app_open", "2026-02-20"),
             Identify("bob", "tablet"), Identify("ann-main", "tablet"),
             Visit("phone", "app_open", "2026-02-21"),
             Identify("carl", "phone"), Identify("bob", "phone")});
  ASSERT_TRUE(engine_->Forget("ann-main"));
  ASSERT_TRUE(engine_->Forget("carl"));
  for (int pass = 0; pass < 2; ++pass) {
    // Not those of who had it before, even if they say so.
    EXPECT_EQ(AppendAll({Visit("tablet", "app_open", "2026-03-02"),
                         Identify("bob", "tablet"),
                         Visit("tablet", "app_open", "2026-03-02")}),
              (Texts{kKeptOut, "accepted", kKeptOut}));
    EXPECT_EQ(Append(Visit("phone", "app_open", "2026-03-03")), "accepted");
    EXPECT_EQ(Days("bob", "app_open"), "2026-02-10 2026-02-20 2026-03-03");
    Reopen();
  }
}

TEST_F(EngineForgetTest, WhoIsNotThereIsNamed) {
  const Status unknown = engine_->Forget("zoe");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(unknown.error().message, "there is no user \"zoe\"");
  ASSERT_TRUE(engine_->Forget("bob"));
  const Status again = engine_->Forget("bob");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(again.error().message, "user \"bob\" was forgotten before");
}

TEST_F(EngineForgetTest, AColumnThatComesBackDoesNotBringThemBack) {
  std::string other = kCarSettings;
  const std::string open = "app_open: {event: app_open}";
  other.replace(other.find(open), open.size(), "app_open: {event: opened}");
  Open(other);
  ASSERT_TRUE(engine_->Forget("ann-main"));
  Open(kCarSettings);
  for (UserNumber user = 0; user < engine_->users().size(); ++user) {
    const bool bob = user == engine_->users().Find("bob");
    EXPECT_EQ(engine_->columns().Last(user).has_value(), bob) << user;
  }
}

TEST_F(EngineForgetTest, AnErasureThatWasCutShortIsFinished) {
  // The store has forgotten, journal and columns have not.
  engine_->Checkpoint();
  const UserNumber ann = engine_->users().Find("ann-main");
  engine_.reset();
  {
    Store store(folder() / "store.db", StoreMigrations());
    UserDirectory users(store);
    store.Write([&](SQLite::Database& db) {
      users.Erase(db, users.NumbersOf(ann));
      db.exec("INSERT INTO erasures SELECT number FROM users WHERE id IS NULL");
    });
  }
  Reopen();
  EXPECT_EQ(engine_->journal().stats().events, 1);
  EXPECT_EQ(engine_->columns().Last(ann), std::nullopt);
  EXPECT_EQ(Count("SELECT count(*) FROM erasures"), 0);
  Reopen();
  EXPECT_EQ(engine_->columns().Last(ann), std::nullopt);
  EXPECT_EQ(Days("bob", "app_open"), "2026-02-10");
}

TEST_F(EngineForgetTest, OneThatFailsHalfWayIsFinishedByTheNext) {
  {
    SQLite::Database journal(folder() / "journal.db", SQLite::OPEN_READWRITE);
    journal.exec(
        "CREATE TRIGGER full BEFORE DELETE ON batches "
        "BEGIN SELECT raise(ABORT, 'disk full'); END");
    for (int i = 0; i < 2; ++i) {
      EXPECT_THROW(engine_->Forget("ann-main"), SQLite::Exception) << i;
    }
    journal.exec("DROP TRIGGER full");
  }
  const Status again = engine_->Forget("ann-main");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "user \"ann-main\" was forgotten before");
  EXPECT_EQ(engine_->journal().stats().events, 1);
  EXPECT_FALSE(OnDisk("ann-note"));
  EXPECT_EQ(Count("SELECT count(*) FROM erasures"), 0);
}

}  // namespace
}  // namespace rekindle

// The directory against the obvious one, on random histories: whatever is done,
// saved, rolled back, opened again or cut by another calendar, both agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "engine/store_schema.h"
#include "engine/users/user_block.h"
#include "engine/users/user_directory.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

struct Person {
  std::string id;
  bool anonymous = false;
  bool erased = false;
  UserNumber into = kNoUser;
  std::optional<Moment> first, created;
  std::map<std::string, std::string> profile;
  std::set<std::string> tags;
  std::string key;
};

void Lower(std::optional<Moment>* earliest, const std::optional<Moment>& at) {
  if (at && (!*earliest || at->at < (*earliest)->at)) *earliest = at;
}

// What a directory is, with none of its cleverness.
struct PlainDirectory {
  std::vector<Person> people;
  std::map<std::string, UserNumber> links;

  UserNumber Resolve(UserNumber user) const {
    while (people[user].into != kNoUser) user = people[user].into;
    return user;
  }
  UserNumber Find(const std::string& id, bool anonymous) const {
    if (anonymous && links.contains(id)) return Resolve(links.at(id));
    for (UserNumber user = 0; user < people.size(); ++user) {
      const Person& p = people[user];
      if (p.id == id && p.anonymous == anonymous && !p.erased) {
        return Resolve(user);
      }
    }
    return kNoUser;
  }
  std::optional<Moment> RegisteredAt(UserNumber user) const {
    const Person& p = people[user];
    if (p.anonymous || p.erased || p.into != kNoUser) return std::nullopt;
    std::optional<Moment> r = p.first;
    Lower(&r, p.created);
    return r;
  }
  void Note(UserNumber user, const Moment& when) {
    if (!people[user].erased) Lower(&people[user].first, when);
  }
  void Merge(UserNumber from, UserNumber into, bool drawn_first) {
    Person& a = people[from];
    Person& b = people[into];
    a.into = into;
    Lower(&b.first, a.first);
    Lower(&b.created, a.created);
    b.profile.merge(a.profile);
    b.tags.merge(a.tags);
    if (drawn_first) b.key = a.key;
    a.first = a.created = std::nullopt;
    a.profile.clear();
    a.tags.clear();
  }
  void Erase(UserNumber user) {
    people[user] = Person();
    people[user].erased = true;
    std::erase_if(links, [&](const auto& l) { return l.second == user; });
  }
  std::set<UserNumber> NumbersOf(UserNumber user) const {
    std::set<UserNumber> numbers;
    for (UserNumber other = 0; other < people.size(); ++other) {
      if (Resolve(other) == Resolve(user)) numbers.insert(other);
    }
    return numbers;
  }
};

class RandomDirectoryTest : public ::testing::TestWithParam<int> {
 protected:
  uint32_t Random(uint32_t below) { return random_() % below; }
  UserNumber AnyUser() {
    return Random(static_cast<uint32_t>(plain_.people.size()));
  }
  // Somebody to whom things happen: resolved, not erased. kNoUser: nobody.
  UserNumber AnyPerson() {
    if (plain_.people.empty()) return kNoUser;
    const UserNumber user = plain_.Resolve(AnyUser());
    return plain_.people[user].erased ? kNoUser : user;
  }
  std::string AnyId() {
    // Mostly like real ones; else 1 to 256 of any bytes but NUL.
    if (Random(4) > 0) return "u" + std::to_string(Random(1'000'000'000));
    std::string id(1 + Random(256), '\0');
    for (char& byte : id) byte = static_cast<char>(1 + Random(255));
    return id;
  }
  Moment AnyMoment() {
    const Instant at =
        FromMillis(1'600'000'000'000 + int64_t{Random(100'000'000)} * 1000 +
                   Random(2) * Random(1000));
    return InZone({at, calendar_.DayOf(at), Random(3) == 0});
  }
  Moment InZone(Moment when) const {
    if (when.by_day) {
      when.at = calendar_.StartOf(when.day);
    } else {
      when.day = calendar_.DayOf(when.at);
    }
    return when;
  }

  template <class Work>
  void Write(Work&& work) {
    store_->Write(std::forward<Work>(work));
  }

  void AddSome(SQLite::Database& db) {
    const uint32_t count = Random(10) == 0 ? Random(3000) : 1 + Random(20);
    for (uint32_t i = 0; i < count; ++i) {
      const std::string id = AnyId();
      const bool anonymous = Random(5) == 0;
      if (!ids_.insert(id).second) continue;
      const UserNumber user =
          anonymous ? users_->AddAnonymous(id) : users_->Add(id);
      ASSERT_EQ(user, plain_.people.size());
      plain_.people.push_back({id, anonymous});
      plain_.people.back().key = id;
    }
    users_->SaveAdded(db);
  }
  void ChangeProfile(SQLite::Database& db) {
    const UserNumber user = AnyPerson();
    if (user == kNoUser) return;
    Person& person = plain_.people[user];
    ProfileChange change;
    const std::string key = "k" + std::to_string(Random(3));
    const std::string value = Random(3) == 0 ? "" : std::to_string(Random(9));
    change.values.emplace_back(key, value);
    person.profile.erase(key);
    if (!value.empty()) person.profile[key] = value;
    if (Random(2) == 0) {
      change.created_at.emplace();
      if (Random(3) > 0) change.created_at.emplace(AnyMoment());
      person.created = *change.created_at;
    }
    users_->ChangeProfile(db, user, change);
  }
  void Tag(SQLite::Database& db) {
    const UserNumber user = AnyPerson();
    if (user == kNoUser) return;
    const std::string tag = "t" + std::to_string(Random(3));
    const bool present = Random(2) == 0;
    users_->SetTag(db, user, tag, present);
    plain_.people[user].tags.erase(tag);
    if (present) plain_.people[user].tags.insert(tag);
  }
  void Link(SQLite::Database& db) {
    const UserNumber user = AnyPerson();
    if (user == kNoUser) return;
    std::string id = "v" + std::to_string(Random(20));
    const Person& visitor = plain_.people[AnyUser()];
    if (visitor.anonymous) id = visitor.id;
    ids_.insert(id);
    linked_.insert(id);
    users_->LinkAnonymous(db, id, user);
    plain_.links[id] = user;
  }
  void Merge(SQLite::Database& db) {
    const UserNumber from = AnyPerson(), into = AnyPerson();
    if (from == into || from == kNoUser || into == kNoUser) return;
    if (plain_.people[into].into != kNoUser) return;
    const bool drawn_first = Random(2) == 0;
    users_->Merge(db, from, into, drawn_first);
    plain_.Merge(from, into, drawn_first);
  }
  void Erase(SQLite::Database& db) {
    const UserNumber user = AnyPerson();
    if (user == kNoUser) return;
    const auto numbers = users_->NumbersOf(user);
    EXPECT_EQ(std::set(numbers.begin(), numbers.end()), plain_.NumbersOf(user));
    users_->Erase(db, numbers);
    for (UserNumber number : numbers) plain_.Erase(number);
  }
  void ChangeSomething(SQLite::Database& db) {
    switch (Random(12)) {
      case 0:
        return Merge(db);
      case 1:
        return Erase(db);
      case 2:
        return Link(db);
      case 3:
        return Tag(db);
      case 4:
        for (int i = 0; i < 300; ++i) ChangeProfile(db);
        return;
      case 5:
      case 6:
        return AddSome(db);
      default:
        return ChangeProfile(db);
    }
  }

  void NoteEvents() {
    const uint32_t count = Random(4) == 0 ? Random(2000) : Random(5);
    for (uint32_t i = 0; i < count && !plain_.people.empty(); ++i) {
      const UserNumber user = AnyUser();
      const Moment when = AnyMoment();
      tail_.push_back({user, when});
      users_->NoteEvent(users_->Resolve(user), when);
      plain_.Note(plain_.Resolve(user), when);
    }
  }
  // What the engine does with the journal's tail.
  void NoteTail() {
    for (const auto& [user, when] : tail_) {
      users_->NoteEvent(users_->Resolve(user), when);
    }
  }
  void Save() {
    Write([&](SQLite::Database& db) { users_->Save(db); });
    users_->Saved();
    EXPECT_FALSE(users_->IsSaveDue());
    tail_.clear();
  }
  void Reopen() {
    users_.reset();
    store_.reset();
    store_ = std::make_unique<Store>(dir_ / "store.db", StoreMigrations());
    users_ = std::make_unique<UserDirectory>(*store_);
    NoteTail();
  }
  void FailSomething() {
    const PlainDirectory before = plain_;
    const std::set<std::string> ids = ids_;
    EXPECT_THROW(Write([&](SQLite::Database& db) {
                   for (int i = 0; i < 4; ++i) ChangeSomething(db);
                   throw std::runtime_error("disk full");
                 }),
                 std::runtime_error);
    plain_ = before;
    ids_ = ids;
    users_->Reload(*store_);
    NoteTail();
  }
  void ChangeZone() {
    Save();
    const char* zones[] = {"Asia/Shanghai", "UTC", "America/Los_Angeles",
                           "Pacific/Kiritimati", "America/Sao_Paulo"};
    calendar_ = *Calendar::Load(zones[Random(5)]);
    Write([&](SQLite::Database& db) { users_->Rezone(db, calendar_); });
    for (Person& p : plain_.people) {
      if (p.first) p.first = InZone(*p.first);
      if (p.created) p.created = InZone(*p.created);
    }
  }

  void CompareOne(UserNumber user) {
    const Person& p = plain_.people[user];
    ASSERT_EQ(users_->IdOf(user), p.id);
    ASSERT_EQ(users_->IsAnonymous(user), p.anonymous);
    ASSERT_EQ(users_->Resolve(user), plain_.Resolve(user));
    ASSERT_EQ(users_->ExperimentKey(user), p.key);
    const auto r = users_->RegisteredAt(user);
    const auto expected = plain_.RegisteredAt(user);
    ASSERT_EQ(r.has_value(), expected.has_value()) << user;
    if (r) {
      ASSERT_EQ(r->at, expected->at);
      ASSERT_EQ(r->day, expected->day);
      ASSERT_EQ(r->by_day, expected->by_day);
    }
    ASSERT_EQ(users_->RegisteredDays()[user],
              expected ? ToNumber(expected->day) : kNoRegisteredDay);
    ASSERT_EQ(users_->TagsOf(user), std::vector(p.tags.begin(), p.tags.end()));
    std::string profile;
    for (const auto& [key, value] : p.profile) {
      profile += (profile.empty() ? "\"" : ",\"") + key + "\":" + value;
    }
    ASSERT_EQ(users_->ProfileOf(user), "{" + profile + "}");
    if (p.erased) return;
    const UserNumber found =
        p.anonymous ? users_->FindAnonymous(p.id) : users_->Find(p.id);
    if (p.anonymous && plain_.links.contains(p.id)) return;
    ASSERT_EQ(found, plain_.Resolve(user));
  }
  void CompareAll() {
    ASSERT_EQ(users_->size(), plain_.people.size());
    ASSERT_EQ(users_->RegisteredDays().size(), plain_.people.size());
    std::vector<std::string_view> ids;
    for (UserNumber user = 0; user < plain_.people.size(); ++user) {
      CompareOne(user);
      if (HasFatalFailure()) return;
      ids.push_back(plain_.people[user].id);
    }
    ids.push_back("nobody");
    std::vector<UserNumber> found(ids.size());
    users_->FindMany(ids, found);
    for (size_t i = 0; i < ids.size(); ++i) {
      ASSERT_EQ(found[i], users_->Find(ids[i]));
    }
    for (const std::string& id : linked_) {
      ASSERT_EQ(users_->FindAnonymous(id), plain_.Find(id, true));
    }
  }
  void CompareSome() {
    for (int i = 0; i < 20 && !plain_.people.empty(); ++i) {
      CompareOne(AnyUser());
    }
  }

  testing::TempDir dir_;
  Calendar calendar_ = *Calendar::Load("Asia/Shanghai");
  std::unique_ptr<Store> store_ =
      std::make_unique<Store>(dir_ / "store.db", StoreMigrations());
  std::unique_ptr<UserDirectory> users_ =
      std::make_unique<UserDirectory>(*store_);
  PlainDirectory plain_;
  std::set<std::string> ids_;  // ever used: none comes back
  std::set<std::string> linked_;
  std::vector<std::pair<UserNumber, Moment>> tail_;
  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
};

TEST_P(RandomDirectoryTest, AgreesWithThePlainOne) {
  while (plain_.people.size() <= kUsersInBlock) {
    Write([&](SQLite::Database& db) { AddSome(db); });
  }
  for (int step = 0; step < 300; ++step) {
    const uint32_t dice = Random(100);
    if (dice < 60) {
      Write([&](SQLite::Database& db) { ChangeSomething(db); });
    } else if (dice < 80) {
      NoteEvents();
    } else if (dice < 86) {
      Save();
    } else if (dice < 91) {
      Reopen();
    } else if (dice < 96) {
      FailSomething();
    } else {
      ChangeZone();
    }
    if (dice < 80) {
      CompareSome();
    } else {
      CompareAll();
    }
    ASSERT_FALSE(HasFailure()) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDirectoryTest, ::testing::Range(1, 5));

}  // namespace
}  // namespace rekindle

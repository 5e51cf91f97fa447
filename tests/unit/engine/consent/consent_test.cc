#include "engine/consent/consent.h"

#include "tests/support/consent_answers.h"
#include "tests/unit/engine/ledger/ledger_fixture.h"

namespace rekindle {
namespace {

class ConsentTest : public LedgerTest {
 protected:
  void Set(UserNumber user, const std::string& topic, bool granted) {
    store.Write(
        [&](SQLite::Database& db) { Consents::Set(db, user, topic, granted); });
  }
  bool Granted(const Consents& from, UserNumber user,
               const std::string& topic) const {
    return store.Read([&](SQLite::Database& db) {
      return testing::Granted(db, from, user, topic);
    });
  }
  std::vector<UserNumber> Exceptions(const Consents& from,
                                     const std::string& topic) const {
    return store.Read([&](SQLite::Database& db) {
      return from.Exceptions(db, topic).ToList();
    });
  }
  void Suppress(const Suppression& entry) {
    store.Write([&](SQLite::Database& db) { Consents::Suppress(db, entry); });
  }
  bool IsSuppressed(const std::string& channel, const std::string& address,
                    const std::string& user_id) const {
    return store.Read([&](SQLite::Database& db) {
      return testing::IsSuppressed(db, channel, address, user_id);
    });
  }
};

TEST_F(ConsentTest, AbsentAnswersAreTheDefault) {
  EngineSettings strict;
  strict.consent.granted_by_default = false;
  const Consents asked_first(strict);
  EXPECT_TRUE(consents.granted_by_default());
  EXPECT_FALSE(asked_first.granted_by_default());
  EXPECT_TRUE(Granted(consents, kAnna, "offers"));
  EXPECT_FALSE(Granted(asked_first, kAnna, "offers"));

  Set(kAnna, "offers", false);
  Set(kBob, "offers", true);
  Set(kCora, "push", false);
  for (const Consents* from : {&std::as_const(consents), &asked_first}) {
    EXPECT_FALSE(Granted(*from, kAnna, "offers"));
    EXPECT_TRUE(Granted(*from, kBob, "offers"));
    EXPECT_FALSE(Granted(*from, kCora, "push"));
  }
  EXPECT_EQ(Exceptions(consents, "offers"), std::vector<UserNumber>{kAnna});
  EXPECT_EQ(Exceptions(asked_first, "offers"), std::vector<UserNumber>{kBob});
}

TEST_F(ConsentTest, TheLastAnswerCounts) {
  Set(kAnna, "offers", false);
  Set(kAnna, "offers", true);
  EXPECT_TRUE(Granted(consents, kAnna, "offers"));
  EXPECT_TRUE(Exceptions(consents, "offers").empty());
}

TEST_F(ConsentTest, WhatASuppressionCovers) {
  Suppress({"mail", "Anna@app.example", "", "bounced", kSlot});
  Suppress({"", "+8613800000000", "", "asked", kSlot});
  Suppress({"push", "", "bob", "unsubscribed", kSlot});
  Suppress({"", "", "cora", "complained", kSlot});
  struct Row {
    const char *channel, *address, *user_id;
    bool suppressed;
  };
  const Row rows[] = {
      {"mail", "Anna@app.example", "anna", true},
      {"mail", "anna@APP.example", "anna", true},
      {"push", "Anna@app.example", "anna", false},
      {"mail", "anna@app.example.org", "anna", false},
      {"sms", "+8613800000000", "x", true},
      {"push", "t-bob", "bob", true},
      {"mail", "bob@app.example", "bob", false},
      {"mail", "cora@app.example", "cora", true},
      {"call_list", "", "cora", true},
      {"push", "", "", false},
      {"mail", "", "dan", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(IsSuppressed(row.channel, row.address, row.user_id),
              row.suppressed)
        << row.channel << " '" << row.address << "' '" << row.user_id << "'";
  }
}

TEST_F(ConsentTest, AnEntryThatIsThereStaysAsItIs) {
  Suppress({"mail", "a@x.example", "", "bounced", kSlot});
  Suppress({"mail", "A@x.example", "", "complained", kSlot});
  const auto entries =
      store.Read([](SQLite::Database& db) { return Consents::List(db); });
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].channel, "mail");
  EXPECT_EQ(entries[0].address, "a@x.example");
  EXPECT_EQ(entries[0].user_id, "");
  EXPECT_EQ(entries[0].reason, "bounced");
  EXPECT_EQ(entries[0].at, kSlot);
}

TEST_F(ConsentTest, AMergeKeepsEveryRefusal) {
  Set(kAnna, "offers", false);
  Set(kAnna, "service", true);
  Set(kBob, "offers", true);
  Set(kBob, "service", false);
  Set(kAnna, "push", false);
  Suppress({"", "", "anna", "unsubscribed", kSlot});
  store.Write([&](SQLite::Database& db) {
    Consents::MoveUser(db, kAnna, "anna", kBob, "bob");
  });
  for (const char* topic : {"offers", "service", "push"}) {
    EXPECT_FALSE(Granted(consents, kBob, topic)) << topic;
    EXPECT_TRUE(Granted(consents, kAnna, topic)) << topic;
  }
  EXPECT_TRUE(IsSuppressed("mail", "", "bob"));
  EXPECT_FALSE(IsSuppressed("mail", "", "anna"));
}

TEST_F(ConsentTest, AnErasureKeepsAddressesOnly) {
  Set(kAnna, "offers", false);
  Set(kBob, "offers", false);
  Suppress({"mail", "anna@app.example", "", "bounced", kSlot});
  Suppress({"", "", "anna", "unsubscribed", kSlot});
  store.Write(
      [&](SQLite::Database& db) { Consents::EraseUser(db, kAnna, "anna"); });
  EXPECT_EQ(Exceptions(consents, "offers"), std::vector<UserNumber>{kBob});
  EXPECT_FALSE(IsSuppressed("push", "", "anna"));
  EXPECT_TRUE(IsSuppressed("mail", "anna@app.example", "x"));
}

}  // namespace
}  // namespace rekindle

// A ledger in a folder of its own, with four users, and facts that stand still.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "config/base/hash.h"
#include "engine/ledger/ledger.h"
#include "engine/store_schema.h"
#include "tests/support/fake_facts.h"
#include "tests/support/temp_dir.h"

namespace rekindle {

// Profiles from the directory, last activities set by hand; the ledger asks
// nothing else.
class StillFacts : public testing::FakeFacts {
 public:
  explicit StillFacts(const UserDirectory& directory) : directory_(directory) {}

  std::map<UserNumber, Instant> last_activity;

  Instant LastActivity(UserNumber user) const override {
    const auto found = last_activity.find(user);
    return found == last_activity.end() ? FromMillis(0) : found->second;
  }
  Value ProfileOf(UserNumber user, const std::string& key) const override {
    return directory_.ProfileValue(user, key);
  }

 private:
  const UserDirectory& directory_;
};

class LedgerTest : public ::testing::Test {
 protected:
  // 2026-03-01T10:00:00Z.
  static inline const Instant kSlot = FromMillis(1772359200000);
  static inline const std::string kRule = "wake";

  LedgerTest() {
    store.Write([&](SQLite::Database& db) {
      for (const char* id : {"anna", "bob", "cora", "dan"}) {
        const UserNumber user = users.Add(id);
        const std::string name = id;
        const std::string profile = "{\"email\":\"" + name +
                                    "@app.example\",\"push_token\":\"t-" +
                                    name + "\"}";
        EXPECT_TRUE(users.UpdateProfile(db, user, profile, settings.calendar));
      }
      users.SaveAdded(db);
    });
    facts.now = kSlot;
  }

  static Instant After(std::chrono::milliseconds time) { return kSlot + time; }

  // A push touch of the rule in the slot, due at once, good for a day.
  Touch TouchOf(UserNumber user, Instant slot = kSlot) const {
    Touch touch;
    touch.rule_id = kRule;
    touch.rule_version = "v1";
    touch.user = user;
    touch.slot = touch.planned_at = touch.due_at = slot;
    touch.expires_at = slot + std::chrono::hours(24);
    touch.template_id = "report";
    touch.contents = {{"push", {{"title", "Hello"}, {"url", "app://r"}}}};
    touch.touch_id = IdOf(touch);
    return touch;
  }
  std::string IdOf(const Touch& touch) const {
    return StableId({touch.rule_id, users.IdOf(touch.user),
                     std::to_string(ToMillis(touch.slot)),
                     std::to_string(touch.step)});
  }

  void Insert(std::vector<Touch> touches) {
    store.Write([&](SQLite::Database& db) { ledger.Insert(db, touches); });
  }
  std::vector<ClaimedTouch> Claim(int limit = 100) {
    return ledger.Claim(push, facts, consents, live_rules, limit);
  }
  // The only touch of a user.
  TouchRow RowOf(UserNumber user) const {
    TouchFilter filter;
    filter.user = user;
    const std::vector<TouchRow> rows = ledger.Touches(filter);
    EXPECT_EQ(rows.size(), 1u) << "user " << user;
    return rows.empty() ? TouchRow() : rows.front();
  }
  // "dropped expired"; the state alone where there is no reason.
  std::string Fate(UserNumber user) const {
    const TouchRow row = RowOf(user);
    const std::string state(TouchStateName(row.state));
    return row.reason.empty() ? state : state + " " + row.reason;
  }
  AttemptResult ResultOf(const ClaimedTouch& touch, TouchState state,
                         const std::string& reason = "") const {
    AttemptResult result;
    result.touch_id = touch.touch_id;
    result.state = state;
    result.reason = reason;
    return result;
  }
  int64_t Ask(const std::string& sql) const {
    return store.Read(
        [&](SQLite::Database& db) { return db.execAndGet(sql).getInt64(); });
  }
  std::string AskText(const std::string& sql) const {
    return store.Read(
        [&](SQLite::Database& db) { return db.execAndGet(sql).getString(); });
  }

  testing::TempDir dir;
  EngineSettings settings;
  Store store{dir / "store.db", StoreMigrations()};
  UserDirectory users{store};
  Ledger ledger{store, users};
  Consents consents{settings};
  StillFacts facts{users};
  ClaimChannel push{"push", "push_token", false};
  std::unordered_set<std::string> live_rules = {kRule};
  static constexpr UserNumber kAnna = 0, kBob = 1, kCora = 2, kDan = 3;
};

}  // namespace rekindle

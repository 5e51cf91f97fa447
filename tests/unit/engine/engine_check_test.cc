// Every packed or sealed blob of the folder is verified: Engine::CheckFiles.
#include <gmock/gmock.h>

#include "engine/store/statements.h"
#include "tests/unit/engine/engine_fixture.h"

namespace rekindle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// All but whole sets of states, which are written only when the steps have
// grown (standing_store_test), and the files of message ids (journal_ids_test).
class EngineCheckTest : public EngineTest {
 protected:
  // So many users that they and their profiles stand in blocks.
  void SetUp() override {
    EngineTest::SetUp();
    std::vector<Message> messages;
    std::vector<Engine::UserRow> rows;
    for (int i = 0; i < 100; ++i) {
      const std::string user = "u" + std::to_string(i);
      messages.push_back(WithId(
          Event(user, "app_open", "2026-03-10", R"({"from":"home"})"), user));
      rows.push_back({user, R"({"city":")" + user + "\"}", {}, {}});
    }
    AppendAll(messages);
    engine_->PutUsers(rows);
    engine_->Recompute(At("2026-03-31").at);
    engine_->Checkpoint();
    UserSet capped;
    capped.Add(7);
    engine_->store().Write([&](SQLite::Database& db) {
      const SlotRow slot = SlotBook::Open(db, "wake", kSlot, "v1", kSlot);
      SlotBook::Finish(db, slot, kSlot, {{"capped", capped}});
    });
  }
  // Turns the bits of a byte of the table's first blob, as a share of its size;
  // turned once more it is whole again. True where there is one.
  bool Turn(const std::string& file, const std::string& table,
            const std::string& column, double at) {
    SQLite::Database db((folder() / file).string(), SQLite::OPEN_READWRITE,
                        kBusyTimeoutMs);
    SQLite::Statement get(db, "SELECT rowid, " + column + " FROM " + table +
                                  " WHERE length(" + column +
                                  ") > 0 ORDER BY rowid LIMIT 1");
    if (!get.executeStep()) return false;
    std::string blob(BlobOf(get.getColumn(1)));
    char& byte =
        blob[static_cast<size_t>(at * static_cast<double>(blob.size() - 1))];
    byte = static_cast<char>(~byte);
    SQLite::Statement put(
        db, "UPDATE " + table + " SET " + column + " = ? WHERE rowid = ?");
    put.bind(1, blob.data(), static_cast<int>(blob.size()));
    put.bind(2, get.getColumn(0).getInt64());
    get.reset();
    put.exec();
    return true;
  }

  static inline const Instant kSlot = FromMillis(1772359200000);
};

TEST_F(EngineCheckTest, WhateverIsDamagedIsNamed) {
  EXPECT_THAT(engine_->CheckFiles(), IsEmpty());
  struct Case {
    const char *file, *table, *column, *named;
  };
  for (const auto& [file, table, column, named] : std::vector<Case>{
           {"journal.db", "batches", "users", "journal batch 1 is damaged"},
           {"journal.db", "batches", "times", "journal batch 1 is damaged"},
           {"journal.db", "batches", "properties",
            "journal batch 1 is damaged"},
           {"journal.db", "batch_ids", "ids", "journal batch 1 is damaged"},
           {"store.db", "mask_blocks", "masks",
            "block 0 of the stored activity in 2026-03 of "},
           {"store.db", "last_blocks", "lasts",
            "block 0 of the stored last activity of "},
           {"store.db", "user_blocks", "users",
            "block 0 of the stored users is damaged"},
           {"store.db", "profile_blocks", "profiles",
            "block 0 of the stored profiles is damaged"},
           {"store.db", "slot_skips", "user_set",
            "the stored set of users that rule wake left out in the slot of "
            "2026-03-01T10:00:00"},
           {"store.db", "standing_steps", "flips",
            "part 0 of the history of states is damaged"}}) {
    for (const double at : {0.0, 0.5, 1.0}) {
      SCOPED_TRACE(std::string(table) + "." + column + " at " +
                   std::to_string(at));
      ASSERT_TRUE(Turn(file, table, column, at)) << "there is none";
      EXPECT_THAT(engine_->CheckFiles(), ElementsAre(HasSubstr(named)));
      ASSERT_TRUE(Turn(file, table, column, at));
    }
  }
  EXPECT_THAT(engine_->CheckFiles(), IsEmpty());
}

}  // namespace
}  // namespace rekindle

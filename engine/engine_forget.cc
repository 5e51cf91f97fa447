// Erasing a person everywhere (engine/users/README.md, "Who is known").
//
// The store comes first, in one transaction, which also notes the numbers whose
// erasure has begun; journal and columns follow. What came between is made good
// at the next start, or by the next Forget.
#include <SQLiteCpp/VariadicBind.h>
#include <spdlog/spdlog.h>

#include "engine/columns/column_store.h"
#include "engine/engine.h"
#include "engine/intake/dead_letter.h"
#include "engine/standings/standing_store.h"
#include "engine/users/addresses.h"

namespace rekindle {
namespace {

void NoteErasure(SQLite::Database& db, UserNumber user) {
  SQLite::Statement note(db,
                         "INSERT OR IGNORE INTO erasures (user) VALUES (?)");
  SQLite::bind(note, user);
  note.exec();
}

std::vector<std::string> IdsOf(const UserDirectory& users,
                               std::span<const UserNumber> numbers) {
  std::vector<std::string> ids = users.AnonymousIdsOf(numbers);
  for (UserNumber number : numbers) {
    if (!users.IsAnonymous(number)) ids.emplace_back(users.IdOf(number));
  }
  return ids;
}

// What a rejected row may know the person by: their ids and addresses.
std::vector<std::string> NamesOf(const UserDirectory& users, UserNumber user,
                                 std::span<const UserNumber> numbers) {
  std::vector<std::string> names = IdsOf(users, numbers);
  for (const char* key : {"email", "phone", "push_token"}) {
    for (std::string& address : AddressesOf(users, user, key)) {
      names.push_back(std::move(address));
    }
  }
  return names;
}

}  // namespace

Status Engine::Forget(std::string_view user_id) {
  std::lock_guard recomputing(recompute_mutex_);
  std::lock_guard one(checkpoint_mutex_);
  std::lock_guard writing(writers_);
  std::unique_lock lock(mutex_);
  Recover();
  FinishErasures();  // one that failed half-way
  const UserNumber user = users_->Find(user_id);
  if (user == kNoUser) {
    const bool forgotten = forgotten_->Contains(IdKind::kUser, user_id);
    return Fail(
        ErrorKind::kNotFound,
        forgotten ? "user \"" + std::string(user_id) + "\" was forgotten before"
                  : "there is no user \"" + std::string(user_id) + "\"");
  }
  const std::vector<UserNumber> numbers = users_->NumbersOf(user);
  // First, since afterwards nobody knows the ids any more.
  EraseFromDeadLetters(data_dir_, NamesOf(*users_, user, numbers));
  in_doubt_ = true;
  store_->Write([&](SQLite::Database& db) {
    for (const std::string& id : users_->AnonymousIdsOf(numbers)) {
      forgotten_->Add(db, IdKind::kAnonymous, id);
    }
    ledger_->EraseUser(db, user);
    for (UserNumber number : numbers) {
      std::string id;  // suppressions name user ids only
      if (!users_->IsAnonymous(number)) {
        id = users_->IdOf(number);
        forgotten_->Add(db, IdKind::kUser, id);
      }
      Consents::EraseUser(db, number, id);
      EraseStandings(db, number);
      NoteErasure(db, number);
    }
    users_->Erase(db, numbers);
  });
  in_doubt_ = false;
  standings_.reset();  // what is stored has changed
  FinishErasures();
  return {};
}

std::vector<UserNumber> Engine::UnfinishedErasures(SQLite::Database& db) {
  std::vector<UserNumber> numbers;
  SQLite::Statement row(db, "SELECT user FROM erasures");
  while (row.executeStep()) numbers.push_back(row.getColumn(0).getUInt());
  return numbers;
}

void Engine::FinishErasures() {
  const std::vector<UserNumber> numbers = store_->Read(UnfinishedErasures);
  if (numbers.empty()) return;
  journal_->Erase(numbers);
  for (UserNumber user : numbers) columns_->Erase(user);
  if (!filling().behaviors.empty()) {
    erased_while_filling_.insert(erased_while_filling_.end(), numbers.begin(),
                                 numbers.end());
  }
  unsaved_ = true;
  SaveState(/*at_once=*/true);
  EraseFromStoredColumns(numbers);
  store_->Write([](SQLite::Database& db) {
    // Last times that are out of date are never read again.
    db.exec(
        "DELETE FROM last_blocks WHERE column_id IN (SELECT id FROM "
        "stored_columns WHERE last_position IS NOT position)");
    db.exec("DELETE FROM erasures");
  });
  store_->CheckpointLog();
}

// Columns of behaviors that are not configured now are kept for the day they
// come back, those of behaviors that are being filled in stay as they were: the
// erased must come back with neither.
void Engine::EraseFromStoredColumns(std::span<const UserNumber> numbers) {
  const Filling now = filling();
  const auto behavior_of =
      [&](const ColumnKey& key) -> std::optional<BehaviorIndex> {
    for (BehaviorIndex b = 0; b < settings_->behaviors.size(); ++b) {
      if (KeyOf(*settings_, b) == key) return b;
    }
    return std::nullopt;
  };
  for (const StoredColumn& stored : store_->Read(StoredColumns)) {
    const auto behavior = behavior_of(stored.key);
    if (behavior && !now.Has(*behavior)) continue;  // just saved
    ActivityColumns columns(1);
    ActivityColumns::Column& column = columns.column(0);
    std::vector<DamagedBlock> damaged;
    const bool lasts = store_->Read([&](SQLite::Database& db) {
      LoadColumn(db, stored.key, INT32_MIN, &column, &damaged, workers_);
      return LoadLasts(db, stored.key, &column, &damaged);
    });
    if (!behavior && !damaged.empty()) {
      // Nobody can tell any more whose days those were.
      spdlog::error(
          "{}; its behavior is not configured, so that the column is "
          "dropped",
          damaged.front().what);
      store_->Write([&](SQLite::Database& db) { DropColumn(db, stored.key); });
      continue;
    }
    for (UserNumber user : numbers) columns.Erase(user);
    // Last times that are damaged are written as if there were none.
    const JournalPosition reflects = damaged.empty() ? stored.position : 0;
    WriteChanges(*store_, {TakeChanges(stored.key, reflects, lasts, &column)},
                 /*at_once=*/true, workers_, [](SQLite::Database&) {});
  }
}

}  // namespace rekindle

#include "engine/ledger/ledger.h"

#include <SQLiteCpp/VariadicBind.h>

#include <utility>
#include <vector>

#include "config/base/hmac.h"
#include "engine/links/link_store.h"
#include "engine/users/addresses.h"

namespace rekindle {
namespace {

void DeleteTouch(SQLite::Database& db, int64_t id) {
  for (const char* sql : {"DELETE FROM touch_contents WHERE touch = ?",
                          "DELETE FROM attempts WHERE touch = ?",
                          "DELETE FROM receipts WHERE touch = ?",
                          "DELETE FROM touch_links WHERE touch = ?",
                          "DELETE FROM touches WHERE id = ?"}) {
    SQLite::Statement erase(db, sql);
    SQLite::bind(erase, id);
    erase.exec();
  }
}

// Touches of `from` and `into` that would stand in one place: of each pair the
// one to give up. The earlier planned one stays, unless it still waits, or may
// be sent again, and the other has left: sending it too would write to one
// person twice.
std::vector<int64_t> Clashes(SQLite::Database& db, UserNumber from,
                             UserNumber into) {
  const std::string left =
      ".state IN ('claimed', 'accepted', 'delivered', 'bounced', 'opened', "
      "'clicked') ";
  SQLite::Statement get(
      db,
      "SELECT f.id, i.id, CASE "
      "WHEN f.state IN ('planned', 'unknown') AND i" +
          left +
          "THEN 0 "
          "WHEN i.state IN ('planned', 'unknown') AND f" +
          left +
          "THEN 1 "
          "WHEN f.state = 'planned' AND f.attempts = 0 AND i.attempts > 0 THEN "
          "0 "
          "WHEN i.state = 'planned' AND i.attempts = 0 AND f.attempts > 0 THEN "
          "1 "
          "ELSE (f.planned_at, f.id) < (i.planned_at, i.id) END "
          "FROM touches f JOIN touches i ON i.rule_id = f.rule_id "
          "AND i.slot = f.slot AND i.step = f.step AND i.user = ?2 "
          "WHERE f.user = ?1");
  SQLite::bind(get, from, into);
  std::vector<int64_t> losers;
  while (get.executeStep()) {
    const bool from_stays = get.getColumn(2).getInt() != 0;
    losers.push_back(get.getColumn(from_stays ? 1 : 0).getInt64());
  }
  return losers;
}

std::optional<int64_t> FirstPlanned(SQLite::Database& db, UserNumber user) {
  SQLite::Statement get(db,
                        "SELECT min(planned_at) FROM touches WHERE user = ?");
  SQLite::bind(get, user);
  if (!get.executeStep() || get.getColumn(0).isNull()) return std::nullopt;
  return get.getColumn(0).getInt64();
}

// Of those that name an address of the user.
void EraseKeptReceipts(SQLite::Database& db, const UserDirectory& users,
                       UserNumber user) {
  SQLite::Statement erase(db, "DELETE FROM kept_receipts WHERE recipient = ?");
  for (const std::string& key : users.ProfileKeys()) {
    for (const std::string& address : AddressesOf(users, user, key)) {
      SQLite::bind(erase, address);
      erase.exec();
      erase.reset();
    }
  }
}

std::string MakeKey(Store& store) {
  constexpr char kKey[] = "ledger_key";
  const auto read = [&](SQLite::Database& db) {
    return Store::GetMeta(db, kKey, "");
  };
  if (std::string key = store.Read(read); !key.empty()) return key;
  return store.Write([&](SQLite::Database& db) {
    Store::SetMeta(db, kKey, ToHex(RandomBytes(32)));
    return read(db);
  });
}

}  // namespace

Ledger::Ledger(Store& store, UserDirectory& users)
    : store_(store),
      users_(users),
      slots_(store),
      channels_(store),
      key_(MakeKey(store)) {
  Reload();
}

void Ledger::Reload() {
  UserSet users;
  store_.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db,
                          "SELECT DISTINCT user FROM touches WHERE goal <> ''");
    while (get.executeStep()) users.Add(get.getColumn(0).getUInt());
  });
  with_goals_ = std::move(users);
}

void Ledger::MoveUser(SQLite::Database& db, UserNumber from, UserNumber into) {
  for (int64_t id : Clashes(db, from, into)) DeleteTouch(db, id);
  SQLite::Statement move(db, "UPDATE touches SET user = ?2 WHERE user = ?1");
  SQLite::bind(move, from, into);
  move.exec();
  if (with_goals_.Contains(from)) with_goals_.Add(into);
}

void Ledger::EraseUser(SQLite::Database& db, UserNumber user) {
  SQLite::Statement get(db, "SELECT id FROM touches WHERE user = ?");
  SQLite::bind(get, user);
  std::vector<int64_t> touches;
  while (get.executeStep()) touches.push_back(get.getColumn(0).getInt64());
  for (int64_t id : touches) DeleteTouch(db, id);
  EraseUnusedTargets(db);
  EraseKeptReceipts(db, users_, user);

  // Skips recorded before a merge stand under the numbers of then.
  const std::vector<UserNumber> numbers = users_.NumbersOf(user);
  SlotBook::EraseSkips(db, numbers);
  for (UserNumber number : numbers) {
    if (with_goals_.Contains(number)) with_goals_.Remove(number);
  }
}

bool Ledger::DrawnFirst(SQLite::Database& db, UserNumber a,
                        UserNumber b) const {
  const std::optional<int64_t> first_a = FirstPlanned(db, a);
  const std::optional<int64_t> first_b = FirstPlanned(db, b);
  if (!first_a) return false;
  return !first_b || *first_a < *first_b;
}

}  // namespace rekindle

#include "engine/store/standing_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <stdexcept>

#include "engine/store/packed.h"
#include "engine/store/statements.h"

namespace rekindle {
namespace {

// Changes stand together by 65,536 users, so that the history of one of them
// is found without reading everybody's.
constexpr uint32_t kPartUsers = 1 << 16;

std::string_view Blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()),
          static_cast<size_t>(column.getBytes())};
}

UserSet UnpackSet(std::string_view packed, const std::string& name) {
  const auto bytes = Unpack(packed);
  if (!bytes || bytes->size() % sizeof(uint64_t) != 0) {
    throw std::runtime_error("the stored set of users \"" + name +
                             "\" is damaged");
  }
  UserSet users(static_cast<uint32_t>(bytes->size() * 8));
  std::memcpy(users.words().data(), bytes->data(), bytes->size());
  return users;
}

// Numbers for standings, given out once and kept.
class StandingTexts {
 public:
  explicit StandingTexts(SQLite::Database& db) : db_(db) {
    SQLite::Statement rows(
        db, "SELECT id, state, substate, labels FROM standing_texts");
    while (rows.executeStep()) {
      const Standing text{static_cast<State>(rows.getColumn(1).getInt()),
                          rows.getColumn(2).getString(),
                          rows.getColumn(3).getString()};
      ids_[text] = rows.getColumn(0).getInt64();
      texts_[rows.getColumn(0).getInt64()] = text;
    }
  }

  int64_t IdOf(const Standing& text) {
    const auto [found, added] = ids_.try_emplace(text, 0);
    if (added) {
      statements_.Run(db_,
                      "INSERT INTO standing_texts (state, substate, labels) "
                      "VALUES (?, ?, ?)",
                      static_cast<int64_t>(text.state), text.substate,
                      text.labels);
      found->second = db_.getLastInsertRowid();
    }
    return found->second;
  }
  const Standing& Text(int64_t id) const {
    const auto found = texts_.find(id);
    if (found != texts_.end()) return found->second;
    throw std::runtime_error("the history of states names standing " +
                             std::to_string(id) + ", which is not there");
  }

 private:
  SQLite::Database& db_;
  Statements statements_;
  std::map<Standing, int64_t> ids_;
  std::map<int64_t, Standing> texts_;
};

// One change inside a part.
struct Entry {
  uint32_t user = 0;  // from the part's first
  int64_t from = 0, to = 0;
};

std::string PackEntries(const std::vector<Entry>& entries) {
  std::string bytes;
  PutVarint(&bytes, entries.size());
  uint32_t next = 0;
  for (const Entry& entry : entries) {
    PutVarint(&bytes, entry.user - next);
    next = entry.user + 1;
  }
  for (const Entry& entry : entries) {
    PutVarint(&bytes, static_cast<uint64_t>(entry.from));
  }
  for (const Entry& entry : entries) {
    PutVarint(&bytes, static_cast<uint64_t>(entry.to));
  }
  return Pack(bytes);
}

std::vector<Entry> UnpackEntries(std::string_view packed, int64_t part) {
  const auto bytes = Unpack(packed);
  ByteReader in(bytes ? std::string_view(*bytes) : std::string_view());
  std::vector<Entry> entries(bytes ? std::min<uint64_t>(in.Varint(), kPartUsers)
                                   : 0);
  uint32_t next = 0;
  for (Entry& entry : entries) {
    entry.user = next + static_cast<uint32_t>(in.Varint());
    next = entry.user + 1;
  }
  for (Entry& entry : entries) entry.from = static_cast<int64_t>(in.Varint());
  for (Entry& entry : entries) entry.to = static_cast<int64_t>(in.Varint());
  if (!bytes || !in.ok() || in.left() != 0) {
    throw std::runtime_error("part " + std::to_string(part) +
                             " of the history of states is damaged");
  }
  return entries;
}

// One row: changes of a part found at the same time.
struct PartChanges {
  int64_t id = 0;
  int64_t at = 0;
  std::vector<Entry> entries;
};

// Calls f(PartChanges) for what is stored of a part, the oldest first.
template <class F>
void ForEachChange(SQLite::Database& db, uint32_t part, F&& f) {
  SQLite::Statement rows(db,
                         "SELECT id, at, changes FROM standing_changes "
                         "WHERE part = ? ORDER BY id");
  rows.bind(1, static_cast<int64_t>(part));
  while (rows.executeStep()) {
    f(PartChanges{rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64(),
                  UnpackEntries(Blob(rows.getColumn(2)), part)});
  }
}

std::vector<int64_t> IdsOf(const StandingList& list, StandingTexts& texts) {
  // Numbers on the way to a combination may be nobody's.
  std::vector<char> used(list.texts.size());
  for (uint32_t number : list.of_user) used[number] = true;
  std::vector<int64_t> ids(list.texts.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (used[i]) ids[i] = texts.IdOf(list.texts[i]);
  }
  return ids;
}

}  // namespace

Standings LoadStandings(SQLite::Database& db) {
  Standings standings;
  SQLite::Statement rows(db,
                         "SELECT kind, name, users FROM standing_sets "
                         "ORDER BY kind, place");
  while (rows.executeStep()) {
    const std::string name = rows.getColumn(1).getString();
    standings.push_back({static_cast<SetKind>(rows.getColumn(0).getInt()), name,
                         UnpackSet(Blob(rows.getColumn(2)), name)});
  }
  return standings;
}

PackedSet PackSet(const NamedSet& set) {
  const auto words = set.users.words();
  return {set.kind, set.name,
          Pack({reinterpret_cast<const char*>(words.data()),
                words.size() * sizeof(uint64_t)})};
}

void StoreSets(SQLite::Database& db, std::span<const PackedSet> changed,
               const Standings& all) {
  Statements statements;
  for (const PackedSet& set : changed) {
    statements.Run(db,
                   "INSERT OR REPLACE INTO standing_sets (kind, name, place, "
                   "users) VALUES (?, ?, 0, ?)",
                   static_cast<int64_t>(set.kind), set.name,
                   BlobView{set.bytes});
  }
  // Their order is that of the settings; what is not there any more goes.
  statements.Run(db, "UPDATE standing_sets SET place = -1");
  for (size_t place = 0; place < all.size(); ++place) {
    statements.Run(
        db, "UPDATE standing_sets SET place = ? WHERE kind = ? AND name = ?",
        static_cast<int64_t>(place), static_cast<int64_t>(all[place].kind),
        all[place].name);
  }
  statements.Run(db, "DELETE FROM standing_sets WHERE place = -1");
}

void StoreChanges(SQLite::Database& db, const StandingChanges& changes,
                  Instant at) {
  StandingTexts texts(db);
  const std::vector<int64_t> from = IdsOf(changes.from, texts);
  const std::vector<int64_t> to = IdsOf(changes.to, texts);
  std::map<uint32_t, std::vector<Entry>> parts;
  size_t rank = 0;
  changes.users.ForEach([&](UserNumber user) {
    parts[user / kPartUsers].push_back({user % kPartUsers,
                                        from[changes.from.of_user[rank]],
                                        to[changes.to.of_user[rank]]});
    ++rank;
  });
  Statements statements;
  for (auto& [part, entries] : parts) {
    statements.Run(db,
                   "INSERT INTO standing_changes (part, at, changes) "
                   "VALUES (?, ?, ?)",
                   part, ToMillis(at), BlobView{PackEntries(entries)});
  }
}

std::vector<StandingChange> StandingHistory(SQLite::Database& db,
                                            UserNumber user) {
  std::vector<StandingChange> history;
  const StandingTexts texts(db);
  ForEachChange(db, user / kPartUsers, [&](const PartChanges& changes) {
    for (const Entry& entry : changes.entries) {
      if (entry.user != user % kPartUsers) continue;
      history.push_back({FromMillis(changes.at), texts.Text(entry.from),
                         texts.Text(entry.to)});
    }
  });
  return history;
}

void EraseStandings(SQLite::Database& db, UserNumber user) {
  Statements statements;
  for (NamedSet& set : LoadStandings(db)) {
    if (!set.users.Contains(user)) continue;
    set.users.Remove(user);
    statements.Run(
        db, "UPDATE standing_sets SET users = ? WHERE kind = ? AND name = ?",
        BlobView{PackSet(set).bytes}, static_cast<int64_t>(set.kind), set.name);
  }
  const uint32_t part = user / kPartUsers;
  std::vector<std::pair<int64_t, std::string>> rewritten;
  ForEachChange(db, part, [&](PartChanges changes) {
    const size_t erased = std::erase_if(
        changes.entries,
        [&](const Entry& entry) { return entry.user == user % kPartUsers; });
    if (erased == 0) return;
    rewritten.emplace_back(changes.id, PackEntries(changes.entries));
  });
  for (const auto& [id, packed] : rewritten) {
    statements.Run(db, "UPDATE standing_changes SET changes = ? WHERE id = ?",
                   BlobView{packed}, id);
  }
}

}  // namespace rekindle

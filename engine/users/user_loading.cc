#include <stdexcept>
#include <utility>

#include "engine/users/user_check.h"
#include "engine/users/user_directory_impl.h"

namespace rekindle {
namespace {

Stamp StampAt(const SQLite::Statement& row, int column) {
  if (row.isColumnNull(column)) return {};
  return Stamp::Of({FromMillis(row.getColumn(column).getInt64()),
                    DayFromNumber(row.getColumn(column + 1).getInt()),
                    row.getColumn(column + 2).getInt() != 0});
}

UserRecord RecordIn(const SQLite::Statement& row) {
  UserRecord record;
  record.kind = row.isColumnNull(1)         ? UserKind::kErased
                : row.getColumn(2).getInt() ? UserKind::kAnonymous
                                            : UserKind::kIdentified;
  record.id = BlobOf(row.getColumn(1));
  if (!row.isColumnNull(3)) record.into = row.getColumn(3).getUInt();
  record.first = StampAt(row, 4);
  record.created = StampAt(row, 7);
  record.experiment_key = BlobOf(row.getColumn(10));
  return record;
}

[[noreturn]] void FailAt(SQLite::Database& db, const std::string& what) {
  throw std::runtime_error(db.getFilename() + ": " + what);
}

}  // namespace

UserDirectory::UserDirectory(Store& store) { Reload(store); }

void UserDirectory::Reload(Store& store) {
  auto loaded = std::make_unique<Impl>();
  store.Read([&](SQLite::Database& db) {
    loaded->LoadBlocks(db);
    loaded->LoadProfileBlocks(db);
    loaded->LoadRows(db);
    loaded->IndexAll();
    loaded->LoadLinks(db);
    loaded->LoadProfileRows(db);
    loaded->LoadTags(db);
    loaded->added_from = loaded->size();
  });
  const std::unique_ptr<Impl> before = std::exchange(impl_, std::move(loaded));
  if (!before) return;
  // They are of the store's writing connection, which somebody else may be
  // using now: they end with the directory, not before.
  impl_->statements = std::move(before->statements);
  // First events that are not saved yet are true all the same.
  for (UserNumber user = 0; user < std::min(before->size(), size()); ++user) {
    if (before->BlockOf(user).unsaved[user % kUsersInBlock]) {
      NoteEvent(Resolve(user), before->FirstOf(user).moment());
    }
  }
}

void UserDirectory::Impl::LoadBlocks(SQLite::Database& db) {
  const size_t expected =
      size_t{db.execAndGet("SELECT count(*) FROM user_blocks").getUInt()} *
      kUsersInBlock;
  const size_t room = expected + expected / 8;  // to grow
  ids.Reserve(room);
  registered_days.reserve(room);
  SQLite::Statement row(db,
                        "SELECT block, users FROM user_blocks ORDER BY block");
  while (row.executeStep()) {
    const UserNumber block = row.getColumn(0).getUInt();
    if (block * kUsersInBlock != size()) {
      FailAt(db, "block " + std::to_string(size() / kUsersInBlock) +
                     " of the stored users is missing or cut short");
    }
    const auto users = UnpackUserBlock(BlobOf(row.getColumn(1)));
    if (!users || users->records.empty()) {
      FailAt(db, DamagedUsers(block));
    }
    for (const UserRecord& record : users->records) {
      Take(Append(record.id), record);
    }
    blocks.back()->stored = true;
    blocks.back()->overdue = false;
  }
}

void UserDirectory::Impl::LoadRows(SQLite::Database& db) {
  SQLite::Statement row(
      db,
      "SELECT number, id, anonymous, merged_into, first_at, first_day, "
      "first_by_day, created_at, created_day, created_by_day, experiment_key "
      "FROM users ORDER BY number");
  while (row.executeStep()) {
    const UserNumber user = row.getColumn(0).getUInt();
    if (user > size()) {
      FailAt(db, "the list of users is damaged: number " +
                     std::to_string(size()) + " is missing");
    }
    const UserRecord record = RecordIn(row);
    if (user == size()) Append(record.id);
    Take(user, record);
    BlockOf(user).in_rows.set(user % kUsersInBlock);
  }
}

// A row says of a user the block's record told before what became of them.
void UserDirectory::Impl::Take(UserNumber user, const UserRecord& record) {
  if (record.kind == UserKind::kErased) return MarkErased(user);
  if (record.kind == UserKind::kAnonymous) anonymous.Add(user);
  FirstOf(user) = record.first;
  SetCreated(user, record.created);
  if (record.into != kNoUser && !merged.Contains(user)) {
    Redirect(user, record.into);
  }
  if (!record.experiment_key.empty()) {
    experiment_keys[user] = record.experiment_key;
  }
}

void UserDirectory::Impl::IndexAll() {
  for (UserNumber user = 0; user < size(); ++user) {
    NoteDay(user);
    if (!erased.Contains(user)) IndexOf(user).Stage(user);
  }
  by_id.IndexStaged();
  by_anonymous_id.IndexStaged();
}

void UserDirectory::Impl::LoadLinks(SQLite::Database& db) {
  SQLite::Statement row(
      db, "SELECT anonymous_id, user FROM anonymous_links ORDER BY id");
  while (row.executeStep()) {
    Link(BlobOf(row.getColumn(0)), row.getColumn(1).getUInt());
  }
}

void UserDirectory::Impl::LoadProfileBlocks(SQLite::Database& db) {
  SQLite::Statement row(
      db, "SELECT block, profiles FROM profile_blocks ORDER BY block");
  while (row.executeStep()) {
    const UserNumber block = row.getColumn(0).getUInt();
    const std::string_view packed = BlobOf(row.getColumn(1));
    if (block >= blocks.size() ||
        (!packed.empty() &&
         !profiles.UnpackRun(block * kUsersInBlock, packed))) {
      FailAt(db, DamagedProfiles(block));
    }
    blocks[block]->profiles_stored = true;
  }
}

void UserDirectory::Impl::LoadProfileRows(SQLite::Database& db) {
  SQLite::Statement row(db, "SELECT user, profile FROM profiles ORDER BY user");
  while (row.executeStep()) {
    const UserNumber user = row.getColumn(0).getUInt();
    // created_at is no part of a stored profile, so the calendar is not used.
    const auto stored =
        ParseProfileChange(row.getColumn(1).getString(), Calendar::Utc());
    if (!stored || user >= size()) {
      FailAt(db, "the profile of user " + std::to_string(user) + " is damaged");
    }
    Block& block = BlockOf(user);
    block.in_profile_rows.set(user % kUsersInBlock);
    if (block.profiles_stored) profiles.Erase(user);
    for (const auto& [key, value] : stored->values) {
      profiles.Set(user, key, value);
    }
  }
}

void UserDirectory::Impl::LoadTags(SQLite::Database& db) {
  SQLite::Statement row(db, "SELECT tag, user FROM tags");
  while (row.executeStep()) {
    tags[row.getColumn(0).getString()].Add(row.getColumn(1).getUInt());
  }
}

}  // namespace rekindle

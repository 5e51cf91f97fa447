#include <stdexcept>
#include <utility>

#include "engine/users/user_directory_impl.h"

namespace rekindle {
namespace {

Stamp StampAt(SQLite::Statement& row, int column) {
  if (row.isColumnNull(column)) return {};
  return {row.getColumn(column).getInt64(), row.getColumn(column + 1).getInt(),
          row.getColumn(column + 2).getInt() != 0};
}

}  // namespace

UserDirectory::UserDirectory(Store& store) { Reload(store); }

void UserDirectory::Reload(Store& store) {
  auto loaded = std::make_unique<Impl>();
  store.Read([&](SQLite::Database& db) {
    loaded->LoadUsers(db);
    loaded->LoadLinks(db);
    loaded->LoadProfiles(db);
    loaded->LoadTags(db);
  });
  const std::unique_ptr<Impl> before = std::exchange(impl_, std::move(loaded));
  if (!before) return;
  // First events that are not saved yet are true all the same.
  for (UserNumber user : before->first_unsaved) {
    const Stamp& first = before->records[user].first;
    if (user < size() && first.known()) {
      NoteEvent(Resolve(user), first.moment());
    }
  }
}

void UserDirectory::Impl::LoadUsers(SQLite::Database& db) {
  SQLite::Statement row(
      db,
      "SELECT number, id, anonymous, merged_into, first_at, first_day, "
      "first_by_day, created_at, created_day, created_by_day, experiment_key "
      "FROM users ORDER BY number");
  while (row.executeStep()) {
    const bool erased = row.isColumnNull(1);
    const Kind kind = erased                      ? Kind::kErased
                      : row.getColumn(2).getInt() ? Kind::kAnonymous
                                                  : Kind::kIdentified;
    const UserNumber user = Append(row.getColumn(1).getString(), kind);
    if (user != row.getColumn(0).getUInt()) {
      throw std::runtime_error(db.getFilename() +
                               ": the list of users is damaged: number " +
                               std::to_string(user) + " is missing");
    }
    Record& record = records[user];
    record.first = StampAt(row, 4);
    record.created = StampAt(row, 7);
    if (!row.isColumnNull(3)) {
      record.into = row.getColumn(3).getUInt();
      merged_into[record.into].push_back(user);
    }
    if (!row.isColumnNull(10)) {
      experiment_keys[user] = row.getColumn(10).getString();
    }
  }
}

void UserDirectory::Impl::LoadLinks(SQLite::Database& db) {
  SQLite::Statement row(
      db, "SELECT anonymous_id, user FROM anonymous_links ORDER BY id");
  while (row.executeStep()) {
    links[row.getColumn(0).getString()] = row.getColumn(1).getUInt();
  }
}

void UserDirectory::Impl::LoadProfiles(SQLite::Database& db) {
  SQLite::Statement row(db, "SELECT user, profile FROM profiles ORDER BY user");
  while (row.executeStep()) {
    const UserNumber user = row.getColumn(0).getUInt();
    // created_at is no part of a stored profile, so the calendar is not used.
    const auto stored =
        ParseProfileChange(row.getColumn(1).getString(), Calendar::Utc());
    if (!stored) {
      throw std::runtime_error(db.getFilename() + ": the profile of user " +
                               std::to_string(user) + " is damaged");
    }
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

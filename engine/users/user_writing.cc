#include <algorithm>

#include "engine/users/user_directory_impl.h"

namespace rekindle {
namespace {

std::optional<int64_t> AtOf(const Stamp& stamp) {
  return stamp.known() ? std::optional(stamp.at) : std::nullopt;
}
std::optional<int64_t> DayOf(const Stamp& stamp) {
  return stamp.known() ? std::optional<int64_t>(stamp.day) : std::nullopt;
}
std::optional<int64_t> ByDayOf(const Stamp& stamp) {
  return stamp.known() ? std::optional<int64_t>(stamp.by_day) : std::nullopt;
}

}  // namespace

UserNumber UserDirectory::Impl::Append(std::string_view id, Kind kind) {
  const auto user = static_cast<UserNumber>(records.size());
  ids.emplace_back(id);
  records.emplace_back().kind = kind;
  if (kind == Kind::kIdentified) by_id[ids.back()] = user;
  if (kind == Kind::kAnonymous) by_anonymous_id[ids.back()] = user;
  return user;
}

UserNumber UserDirectory::Impl::Insert(SQLite::Database& db,
                                       std::string_view id, Kind kind) {
  const UserNumber user = Append(id, kind);
  statements.Run(db,
                 "INSERT INTO users (number, id, anonymous) VALUES (?, ?, ?)",
                 user, id, kind == Kind::kAnonymous);
  return user;
}

void UserDirectory::Impl::SaveStamps(SQLite::Database& db, UserNumber user) {
  Record& record = records[user];
  statements.Run(db,
                 "UPDATE users SET first_at = ?, first_day = ?, "
                 "first_by_day = ?, created_at = ?, created_day = ?, "
                 "created_by_day = ? WHERE number = ?",
                 AtOf(record.first), DayOf(record.first), ByDayOf(record.first),
                 AtOf(record.created), DayOf(record.created),
                 ByDayOf(record.created), user);
}

void UserDirectory::Impl::SaveProfile(SQLite::Database& db, UserNumber user) {
  const std::string profile = profiles.ObjectOf(user);
  if (profile == "{}") {
    statements.Run(db, "DELETE FROM profiles WHERE user = ?", user);
  } else {
    statements.Run(db,
                   "INSERT INTO profiles (user, profile) VALUES (?, ?) "
                   "ON CONFLICT (user) DO UPDATE SET profile = "
                   "excluded.profile",
                   user, profile);
  }
}

UserNumber UserDirectory::Add(SQLite::Database& db, std::string_view user_id) {
  return impl_->Insert(db, user_id, Impl::Kind::kIdentified);
}

UserNumber UserDirectory::AddAnonymous(SQLite::Database& db,
                                       std::string_view anonymous_id) {
  return impl_->Insert(db, anonymous_id, Impl::Kind::kAnonymous);
}

void UserDirectory::LinkAnonymous(SQLite::Database& db,
                                  std::string_view anonymous_id,
                                  UserNumber user) {
  const auto found = impl_->links.find(anonymous_id);
  if (found != impl_->links.end() && found->second == user) return;
  impl_->links[std::string(anonymous_id)] = user;
  impl_->statements.Run(
      db, "INSERT INTO anonymous_links (anonymous_id, user) VALUES (?, ?)",
      anonymous_id, user);
}

void UserDirectory::NoteEvent(UserNumber user, const Moment& when) {
  Impl::Record& record = impl_->records[user];
  if (record.kind == Impl::Kind::kErased) return;
  if (ToMillis(when.at) >= record.first.at) return;
  record.first = Stamp::Of(when);
  if (record.first_unsaved) return;
  record.first_unsaved = true;
  impl_->first_unsaved.push_back(user);
}

void UserDirectory::SaveFirstEvents(SQLite::Database& db) {
  // In the order of the rows on disk.
  std::sort(impl_->first_unsaved.begin(), impl_->first_unsaved.end());
  for (UserNumber user : impl_->first_unsaved) impl_->SaveStamps(db, user);
}

void UserDirectory::FirstEventsSaved() {
  for (UserNumber user : impl_->first_unsaved) {
    impl_->records[user].first_unsaved = false;
  }
  impl_->first_unsaved.clear();
}

Status UserDirectory::UpdateProfile(SQLite::Database& db, UserNumber user,
                                    std::string_view json_object,
                                    const Calendar& calendar) {
  const auto change = ParseProfileChange(json_object, calendar);
  if (!change) return tl::make_unexpected(change.error());
  ChangeProfile(db, user, *change);
  return {};
}

void UserDirectory::ChangeProfile(SQLite::Database& db, UserNumber user,
                                  const ProfileChange& change) {
  if (change.created_at) {
    impl_->records[user].created =
        *change.created_at ? Stamp::Of(**change.created_at) : Stamp();
    impl_->SaveStamps(db, user);
  }
  if (change.values.empty()) return;
  for (const auto& [key, value] : change.values) {
    impl_->profiles.Set(user, key, value);
  }
  impl_->SaveProfile(db, user);
}

void UserDirectory::SetTag(SQLite::Database& db, UserNumber user,
                           const std::string& tag, bool present) {
  if (present) {
    impl_->tags[tag].Add(user);
    impl_->statements.Run(
        db, "INSERT OR IGNORE INTO tags (tag, user) VALUES (?, ?)", tag, user);
    return;
  }
  const auto found = impl_->tags.find(tag);
  if (found == impl_->tags.end()) return;
  found->second.Remove(user);
  impl_->statements.Run(db, "DELETE FROM tags WHERE tag = ? AND user = ?", tag,
                        user);
}

}  // namespace rekindle

#include <utility>

#include "engine/users/user_directory_impl.h"

namespace rekindle {

UserNumber UserDirectory::Impl::Append(std::string_view id) {
  const UserNumber user = size();
  ids.Append(id);
  if (user % kUsersInBlock == 0) {
    blocks.push_back(std::make_unique<Block>());
    registrations.emplace_back();
  }
  // Only the last block may stand in the store in part, or not at all.
  if ((user + 1) % kUsersInBlock == 0) blocks.back()->overdue = true;
  registered_days.push_back(kNoRegisteredDay);
  return user;
}

void UserDirectory::Impl::NoteDay(UserNumber user) {
  const Stamp r = Registered(user);
  int32_t& day = registered_days[user];
  Registrations& known = registrations[user / kUsersInBlock];
  known.users -= day != kNoRegisteredDay;
  day = r.known() ? r.day() : kNoRegisteredDay;
  known.users += day != kNoRegisteredDay;
  if (r.known()) known.latest_day = std::max(known.latest_day, day);
}

UserNumber UserDirectory::Impl::Insert(std::string_view id, UserKind kind) {
  const UserNumber user = Append(id);
  if (kind == UserKind::kAnonymous) anonymous.Add(user);
  IndexOf(user).Insert(user);
  return user;
}

void UserDirectory::Impl::SetCreated(UserNumber user, const Stamp& created) {
  Block& block = BlockOf(user);
  if (!block.created) {
    if (!created.known()) return;
    block.created = std::make_unique<Block::Stamps>();
  }
  (*block.created)[user % kUsersInBlock] = created;
}

UserNumber UserDirectory::Add(std::string_view user_id) {
  return impl_->Insert(user_id, UserKind::kIdentified);
}

UserNumber UserDirectory::AddAnonymous(std::string_view anonymous_id) {
  return impl_->Insert(anonymous_id, UserKind::kAnonymous);
}

bool UserDirectory::Impl::Link(std::string_view anonymous_id, UserNumber user) {
  const auto found = links.find(anonymous_id);
  if (found != links.end()) return std::exchange(found->second, user) != user;
  // Most were somebody's own number before, who is the user now.
  const UserNumber own = by_anonymous_id.Find(anonymous_id);
  if (own != kNoUser && Resolve(own) == user) return false;
  links.emplace(anonymous_id, user);
  return true;
}

void UserDirectory::LinkAnonymous(SQLite::Database& db,
                                  std::string_view anonymous_id,
                                  UserNumber user) {
  if (!impl_->Link(anonymous_id, user)) return;
  impl_->statements.Run(
      db, "INSERT INTO anonymous_links (anonymous_id, user) VALUES (?, ?)",
      anonymous_id, user);
}

void UserDirectory::NoteEvent(UserNumber user, const Moment& when) {
  Stamp& first = impl_->FirstOf(user);
  if (ToMillis(when.at) >= first.at()) return;
  if (impl_->erased.Contains(user)) return;
  first = Stamp::Of(when);
  impl_->NoteDay(user);
  impl_->BlockOf(user).unsaved.set(user % kUsersInBlock);
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
    impl_->SetCreated(
        user, *change.created_at ? Stamp::Of(**change.created_at) : Stamp());
    impl_->NoteDay(user);
    impl_->SaveRow(db, user);
  }
  if (change.values.empty()) return;
  for (const auto& [key, value] : change.values) {
    impl_->profiles.Set(user, key, value);
  }
  impl_->SaveProfile(db, user);
}

std::vector<std::string> UserDirectory::TakeOutNewKeys(
    ProfileChange* change) const {
  std::vector<std::string> taken_out;
  size_t room = impl_->profiles.Room();
  std::vector<std::pair<std::string, std::string>> values;
  for (auto& [key, value] : change->values) {
    const bool is_new = !value.empty() && impl_->profiles.IsNew(key);
    if (is_new && room == 0) {
      taken_out.push_back(std::move(key));
      continue;
    }
    if (is_new) --room;
    values.emplace_back(std::move(key), std::move(value));
  }
  change->values = std::move(values);
  return taken_out;
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

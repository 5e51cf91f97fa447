// What changes who is who: merges, erasures, another calendar.
#include "engine/users/user_directory_impl.h"

namespace rekindle {
namespace {

const Stamp& Earlier(const Stamp& a, const Stamp& b) {
  return b.at < a.at ? b : a;
}

Stamp InZone(const Stamp& stamp, const Calendar& calendar) {
  if (!stamp.known()) return stamp;
  Moment moment = stamp.moment();
  if (moment.by_day) {
    moment.at = calendar.StartOf(moment.day);
  } else {
    moment.day = calendar.DayOf(moment.at);
  }
  return Stamp::Of(moment);
}

}  // namespace

void UserDirectory::Merge(SQLite::Database& db, UserNumber from,
                          UserNumber into, bool from_was_drawn_first) {
  Impl::Record& source = impl_->records[from];
  Impl::Record& target = impl_->records[into];
  source.into = into;
  impl_->merged_into[into].push_back(from);
  target.first = Earlier(target.first, source.first);
  target.created = Earlier(target.created, source.created);
  source.first = source.created = Stamp();
  impl_->profiles.Merge(from, into);
  for (auto& [tag, users] : impl_->tags) {
    if (!users.Contains(from)) continue;
    users.Remove(from);
    users.Add(into);
  }

  impl_->SaveStamps(db, from);
  impl_->SaveStamps(db, into);
  impl_->SaveProfile(db, from);
  impl_->SaveProfile(db, into);
  Statements& statements = impl_->statements;
  statements.Run(db, "UPDATE users SET merged_into = ? WHERE number = ?", into,
                 from);
  statements.Run(db, "UPDATE OR IGNORE tags SET user = ? WHERE user = ?", into,
                 from);
  statements.Run(db, "DELETE FROM tags WHERE user = ?", from);
  if (from_was_drawn_first) {
    const std::string key = ExperimentKey(from);
    statements.Run(db, "UPDATE users SET experiment_key = ? WHERE number = ?",
                   key, into);
    impl_->experiment_keys[into] = key;
  }
}

void UserDirectory::Erase(SQLite::Database& db,
                          std::span<const UserNumber> numbers) {
  for (UserNumber user : numbers) {
    impl_->EraseFromMemory(user);
    impl_->EraseFromStore(db, user);
  }
}

void UserDirectory::Impl::EraseFromMemory(UserNumber user) {
  Record& record = records[user];
  auto& map = record.kind == Kind::kAnonymous ? by_anonymous_id : by_id;
  map.erase(std::string_view(ids[user]));  // before the text it looks into
  ids[user] = std::string();
  record = Record();
  record.kind = Kind::kErased;
  erase_if(links, [&](const auto& link) { return link.second == user; });
  merged_into.erase(user);
  experiment_keys.erase(user);
  profiles.Erase(user);
  for (auto& [tag, users] : tags) users.Remove(user);
}

void UserDirectory::Impl::EraseFromStore(SQLite::Database& db,
                                         UserNumber user) {
  statements.Run(db,
                 "UPDATE users SET id = NULL, anonymous = 0, "
                 "merged_into = NULL, experiment_key = NULL WHERE number = ?",
                 user);
  SaveStamps(db, user);
  statements.Run(db, "DELETE FROM anonymous_links WHERE user = ?", user);
  statements.Run(db, "DELETE FROM profiles WHERE user = ?", user);
  statements.Run(db, "DELETE FROM tags WHERE user = ?", user);
}

void UserDirectory::Rezone(SQLite::Database& db, const Calendar& calendar) {
  for (UserNumber user = 0; user < size(); ++user) {
    Impl::Record& record = impl_->records[user];
    if (!record.first.known() && !record.created.known()) continue;
    record.first = InZone(record.first, calendar);
    record.created = InZone(record.created, calendar);
    impl_->SaveStamps(db, user);
  }
}

}  // namespace rekindle

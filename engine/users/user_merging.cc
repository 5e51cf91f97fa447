// What changes who is who: merges, erasures, another calendar.
#include <utility>

#include "engine/users/user_directory_impl.h"

namespace rekindle {
namespace {

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

void UserDirectory::Impl::Redirect(UserNumber from, UserNumber into_user) {
  merged.Add(from);
  into[from] = into_user;
  const auto [last, is_first] = last_merged.emplace(into_user, from);
  if (!is_first) merged_before[from] = std::exchange(last->second, from);
}

void UserDirectory::Merge(SQLite::Database& db, UserNumber from,
                          UserNumber into, bool from_was_drawn_first) {
  if (from_was_drawn_first) {
    impl_->experiment_keys[into] = std::string(ExperimentKey(from));
  }
  impl_->Redirect(from, into);
  Stamp& first = impl_->FirstOf(from);
  impl_->FirstOf(into) = Earlier(impl_->FirstOf(into), first);
  first = Stamp();
  impl_->SetCreated(into,
                    Earlier(impl_->CreatedOf(into), impl_->CreatedOf(from)));
  impl_->SetCreated(from, Stamp());
  impl_->profiles.Merge(from, into);
  for (auto& [tag, users] : impl_->tags) {
    if (!users.Contains(from)) continue;
    users.Remove(from);
    users.Add(into);
  }
  for (UserNumber user : {from, into}) {
    impl_->NoteDay(user);
    impl_->SaveRow(db, user);
    impl_->SaveProfile(db, user);
    // The row has it now; where the transaction fails, what each of the two
    // did is for the journal to say again.
    impl_->BlockOf(user).unsaved.reset(user % kUsersInBlock);
  }
  Statements& statements = impl_->statements;
  statements.Run(db, "UPDATE OR IGNORE tags SET user = ? WHERE user = ?", into,
                 from);
  statements.Run(db, "DELETE FROM tags WHERE user = ?", from);
}

void UserDirectory::Erase(SQLite::Database& db,
                          std::span<const UserNumber> numbers) {
  for (UserNumber user : numbers) {
    impl_->EraseFromMemory(user);
    impl_->EraseFromStore(db, user);
  }
}

void UserDirectory::Impl::EraseFromMemory(UserNumber user) {
  if (erased.Contains(user)) return;
  IndexOf(user).Erase(user);
  MarkErased(user);
  NoteDay(user);
  erase_if(links, [&](const auto& link) { return link.second == user; });
  profiles.Erase(user);
  for (auto& [tag, users] : tags) users.Remove(user);
}

void UserDirectory::Impl::MarkErased(UserNumber user) {
  ids.Wipe(user);
  FirstOf(user) = Stamp();
  SetCreated(user, Stamp());
  erased.Add(user);
  anonymous.Remove(user);
  merged.Remove(user);
  into.erase(user);
  last_merged.erase(user);
  merged_before.erase(user);
  experiment_keys.erase(user);
  // Blocks that were written before name them.
  Block& block = BlockOf(user);
  block.overdue |= block.stored;
  block.profiles_overdue |= block.profiles_stored;
}

void UserDirectory::Impl::EraseFromStore(SQLite::Database& db,
                                         UserNumber user) {
  SaveRow(db, user);
  BlockOf(user).unsaved.reset(user % kUsersInBlock);
  // With what was said of the same ids before, which no longer counted.
  statements.Run(db,
                 "DELETE FROM anonymous_links WHERE id IN ("
                 "SELECT older.id FROM anonymous_links AS theirs "
                 "JOIN anonymous_links AS older "
                 "ON older.anonymous_id = theirs.anonymous_id "
                 "AND older.id <= theirs.id WHERE theirs.user = ?)",
                 user);
  SaveProfile(db, user);
  statements.Run(db, "DELETE FROM tags WHERE user = ?", user);
}

void UserDirectory::Rezone(SQLite::Database& db, const Calendar& calendar) {
  for (UserNumber user = 0; user < size(); ++user) {
    impl_->FirstOf(user) = InZone(impl_->FirstOf(user), calendar);
    impl_->SetCreated(user, InZone(impl_->CreatedOf(user), calendar));
    impl_->NoteDay(user);
  }
  for (const auto& block : impl_->blocks) block->overdue = true;
  Save(db);
}

}  // namespace rekindle

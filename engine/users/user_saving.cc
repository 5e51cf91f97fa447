// How the store learns what changed: by rows at once, by blocks at a save.
#include <utility>

#include "engine/users/user_directory_impl.h"

namespace rekindle {
namespace {

// So many rows of one block stay rows: writing the block costs as much as
// writing them, reading them at start hardly more.
constexpr size_t kRowsKept = 64;

std::optional<int64_t> AtOf(const Stamp& stamp) {
  return stamp.known() ? std::optional(stamp.at()) : std::nullopt;
}
std::optional<int64_t> DayOf(const Stamp& stamp) {
  return stamp.known() ? std::optional<int64_t>(stamp.day()) : std::nullopt;
}
std::optional<int64_t> ByDayOf(const Stamp& stamp) {
  return stamp.known() ? std::optional<int64_t>(stamp.by_day()) : std::nullopt;
}

void PutBlob(SQLite::Database& db, const char* sql, UserNumber block,
             const std::string& blob) {
  SQLite::Statement put(db, sql);
  put.bind(1, block);
  put.bindNoCopy(2, blob.data(), static_cast<int>(blob.size()));
  put.exec();
}

template <class T>
std::optional<T> Unless(const T& nothing, const T& value) {
  return value == nothing ? std::nullopt : std::optional<T>(value);
}

}  // namespace

bool UserDirectory::Impl::Block::IsDue() const {
  return overdue || (in_rows | unsaved).count() > kRowsKept;
}

bool UserDirectory::Impl::Block::AreProfilesDue() const {
  return profiles_overdue || in_profile_rows.count() > kRowsKept;
}

void UserDirectory::Impl::SaveRow(SQLite::Database& db, UserNumber user) {
  const UserRecord r = RecordOf(user);
  statements.Run(
      db,
      "INSERT OR REPLACE INTO users (number, id, anonymous, "
      "merged_into, first_at, first_day, first_by_day, created_at, "
      "created_day, created_by_day, experiment_key) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      user, r.kind == UserKind::kErased ? std::nullopt : std::optional(r.id),
      r.kind == UserKind::kAnonymous, Unless(kNoUser, r.into), AtOf(r.first),
      DayOf(r.first), ByDayOf(r.first), AtOf(r.created), DayOf(r.created),
      ByDayOf(r.created), Unless(std::string_view(), r.experiment_key));
  BlockOf(user).in_rows.set(user % kUsersInBlock);
}

void UserDirectory::Impl::SaveProfile(SQLite::Database& db, UserNumber user) {
  const std::string profile = profiles.ObjectOf(user);
  Block& block = BlockOf(user);
  // An empty one must be said where the block may have another.
  const bool said = profile != "{}" || block.profiles_stored;
  block.in_profile_rows.set(user % kUsersInBlock, said);
  if (!said) {
    statements.Run(db, "DELETE FROM profiles WHERE user = ?", user);
  } else {
    statements.Run(db,
                   "INSERT INTO profiles (user, profile) VALUES (?, ?) "
                   "ON CONFLICT (user) DO UPDATE SET profile = "
                   "excluded.profile",
                   user, profile);
  }
}

UserNumber UserDirectory::Impl::EndOf(UserNumber block) const {
  return std::min((block + 1) * kUsersInBlock, size());
}

void UserDirectory::Impl::SaveBlock(SQLite::Database& db, UserNumber block) {
  const UserNumber begin = block * kUsersInBlock;
  std::vector<UserRecord> records;
  records.reserve(kUsersInBlock);
  for (UserNumber user = begin; user < EndOf(block); ++user) {
    records.push_back(RecordOf(user));
  }
  PutBlob(db, "INSERT OR REPLACE INTO user_blocks (block, users) VALUES (?, ?)",
          block, PackUserBlock(records));
  statements.Run(db, "DELETE FROM users WHERE number BETWEEN ? AND ?", begin,
                 begin + (kUsersInBlock - 1));
}

void UserDirectory::Impl::SaveProfileBlock(SQLite::Database& db,
                                           UserNumber block) {
  const UserNumber begin = block * kUsersInBlock;
  PutBlob(
      db,
      "INSERT OR REPLACE INTO profile_blocks (block, profiles) VALUES (?, ?)",
      block, profiles.PackRun(begin, EndOf(block)));
  statements.Run(db, "DELETE FROM profiles WHERE user BETWEEN ? AND ?", begin,
                 begin + (kUsersInBlock - 1));
}

void UserDirectory::SaveAdded(SQLite::Database& db) {
  const UserNumber from = std::exchange(impl_->added_from, size());
  if (size() - from <= kRowsKept) {
    for (UserNumber user = from; user < size(); ++user) {
      impl_->SaveRow(db, user);
    }
    return;
  }
  UserNumber number = from / kUsersInBlock;
  // A stored block follows those that are stored as a whole.
  const auto is_whole = [&](UserNumber block) {
    return impl_->blocks[block]->stored && !impl_->blocks[block]->overdue;
  };
  while (number > 0 && !is_whole(number - 1)) --number;
  for (; number < impl_->blocks.size(); ++number) {
    impl_->SaveBlock(db, number);
    // Where the transaction fails, all is read from the store again.
    Impl::Block& block = *impl_->blocks[number];
    block.stored = true;
    block.overdue = false;
    block.in_rows.reset();
  }
}

bool UserDirectory::IsSaveDue() const {
  return std::any_of(impl_->blocks.begin(), impl_->blocks.end(),
                     [](const auto& block) {
                       return block->IsDue() || block->AreProfilesDue();
                     });
}

void UserDirectory::Save(SQLite::Database& db) {
  for (UserNumber number = 0; number < impl_->blocks.size(); ++number) {
    const Impl::Block& block = *impl_->blocks[number];
    if (block.AreProfilesDue()) impl_->SaveProfileBlock(db, number);
    if (block.IsDue()) {
      impl_->SaveBlock(db, number);
      continue;
    }
    for (size_t i = block.unsaved._Find_first(); i < block.unsaved.size();
         i = block.unsaved._Find_next(i)) {
      impl_->SaveRow(db, number * kUsersInBlock + i);
    }
  }
}

void UserDirectory::Saved() {
  for (const auto& block : impl_->blocks) {
    if (block->IsDue()) {
      block->stored = true;
      block->overdue = false;
      block->in_rows.reset();
    }
    block->unsaved.reset();
    if (block->AreProfilesDue()) {
      block->profiles_stored = true;
      block->profiles_overdue = false;
      block->in_profile_rows.reset();
    }
  }
}

}  // namespace rekindle

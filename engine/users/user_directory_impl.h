// What the directory's parts share; no contract for others.
//
// In the store, users are kept in packed blocks (user_block.h). A user who
// changed since the block was written has a row besides, which wins. A save
// writes the blocks of which enough changed, and removes their rows.
#pragma once

#include <array>
#include <bitset>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/text_hash.h"
#include "engine/store/statements.h"
#include "engine/users/id_index.h"
#include "engine/users/id_texts.h"
#include "engine/users/profile_columns.h"
#include "engine/users/stamp.h"
#include "engine/users/user_block.h"
#include "engine/users/user_directory.h"

namespace rekindle {

struct UserDirectory::Impl {
  struct Block {
    using Stamps = std::array<Stamp, kUsersInBlock>;
    using Bits = std::bitset<kUsersInBlock>;

    Stamps first;
    std::unique_ptr<Stamps> created;  // nullptr: nobody's is known

    bool stored = false;   // written to the store once
    bool overdue = false;  // to be written, however little changed
    Bits in_rows;          // users with a row, newer than the block
    Bits unsaved;          // users whose first event is not stored
    // The same for their profiles, which have blocks and rows of their own.
    bool profiles_stored = false;
    bool profiles_overdue = false;
    Bits in_profile_rows;

    // Whether the next save writes the block.
    bool IsDue() const;
    bool AreProfilesDue() const;
  };

  // How many of a block's users have a registered day, and a day by which all
  // of these were registered.
  struct Registrations {
    uint32_t users = 0;
    int32_t latest_day = INT32_MIN;
  };

  using NumberMap = boost::unordered_flat_map<UserNumber, UserNumber>;

  // user_directory.cc
  // kNoUser where absent.
  static UserNumber FindIn(const NumberMap& map, UserNumber user);
  uint32_t size() const {
    return static_cast<uint32_t>(registered_days.size());
  }
  bool IsGone(UserNumber user) const {
    return merged.Contains(user) || erased.Contains(user);
  }
  Block& BlockOf(UserNumber user) const {
    return *blocks[user / kUsersInBlock];
  }
  Stamp& FirstOf(UserNumber user) const {
    return BlockOf(user).first[user % kUsersInBlock];
  }
  UserNumber Resolve(UserNumber user) const {
    while (merged.Contains(user)) user = into.at(user);
    return user;
  }
  Stamp CreatedOf(UserNumber user) const;
  void SetCreated(UserNumber user, const Stamp& created);
  // What RegisteredAt gives; none for users for whom it does not count.
  Stamp Registered(UserNumber user) const;
  UserRecord RecordOf(UserNumber user) const;
  IdIndex& IndexOf(UserNumber user) {
    return anonymous.Contains(user) ? by_anonymous_id : by_id;
  }

  // user_writing.cc. The next number; its id is not in the index yet.
  UserNumber Append(std::string_view id);
  UserNumber Insert(std::string_view id, UserKind kind);
  // False where the id leads to the user already.
  bool Link(std::string_view anonymous_id, UserNumber user);
  void NoteDay(UserNumber user);

  // user_merging.cc
  void Redirect(UserNumber from, UserNumber into_user);
  void EraseFromMemory(UserNumber user);
  void MarkErased(UserNumber user);
  void EraseFromStore(SQLite::Database& db, UserNumber user);

  // user_saving.cc
  void SaveRow(SQLite::Database& db, UserNumber user);
  void SaveProfile(SQLite::Database& db, UserNumber user);
  void SaveBlock(SQLite::Database& db, UserNumber block);
  void SaveProfileBlock(SQLite::Database& db, UserNumber block);
  UserNumber EndOf(UserNumber block) const;

  // user_loading.cc
  void LoadBlocks(SQLite::Database& db);
  void LoadRows(SQLite::Database& db);
  void Take(UserNumber user, const UserRecord& record);
  void IndexAll();
  void LoadLinks(SQLite::Database& db);
  void LoadProfileBlocks(SQLite::Database& db);
  void LoadProfileRows(SQLite::Database& db);
  void LoadTags(SQLite::Database& db);

  UserNumber added_from = 0;  // users from here on are not in the store
  // By number.
  IdTexts ids;
  std::vector<std::unique_ptr<Block>> blocks;
  std::vector<Registrations> registrations;  // by block; scans read them all
  std::vector<int32_t> registered_days;
  UserSet anonymous, merged, erased;

  IdIndex by_id{ids};
  IdIndex by_anonymous_id{ids};
  // Anonymous ids that lead to another user than their own number says, each to
  // the user it was last linked to.
  boost::unordered_flat_map<std::string, UserNumber, TextHash, std::equal_to<>>
      links;
  NumberMap into;  // whom the merged became
  // The same the other way: by user, the number that was merged into them last;
  // and by that number, the one merged into the same user before it.
  NumberMap last_merged, merged_before;
  std::unordered_map<UserNumber, std::string> experiment_keys;  // where not id
  ProfileColumns profiles;
  std::map<std::string, UserSet, std::less<>> tags;
  Statements statements;
};

}  // namespace rekindle

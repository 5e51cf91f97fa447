// What the directory's parts share; no contract for others.
#pragma once

#include <xxhash.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/store/statements.h"
#include "engine/users/profile_columns.h"
#include "engine/users/user_directory.h"

namespace rekindle {

struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;
  size_t operator()(std::string_view text) const {
    return XXH3_64bits(text.data(), text.size());
  }
};

// A moment, or none, in 16 bytes.
struct Stamp {
  int64_t at = kNone;  // epoch ms
  int32_t day = 0;
  bool by_day = false;

  static constexpr int64_t kNone = INT64_MAX;  // later than every moment

  static Stamp Of(const Moment& when) {
    return {ToMillis(when.at), ToNumber(when.day), when.by_day};
  }
  bool known() const { return at != kNone; }
  Moment moment() const { return {FromMillis(at), DayFromNumber(day), by_day}; }
};

struct UserDirectory::Impl {
  enum class Kind : uint8_t { kIdentified, kAnonymous, kErased };
  struct Record {
    Stamp first;    // event of any kind
    Stamp created;  // as the profile says
    UserNumber into = kNoUser;
    Kind kind = Kind::kIdentified;
    bool first_unsaved = false;
  };

  UserNumber Append(std::string_view id, Kind kind);
  UserNumber Insert(SQLite::Database& db, std::string_view id, Kind kind);
  void SaveStamps(SQLite::Database& db, UserNumber user);
  void SaveProfile(SQLite::Database& db, UserNumber user);
  // Erase, in memory and in the store.
  void EraseFromMemory(UserNumber user);
  void EraseFromStore(SQLite::Database& db, UserNumber user);

  void LoadUsers(SQLite::Database& db);
  void LoadLinks(SQLite::Database& db);
  void LoadProfiles(SQLite::Database& db);
  void LoadTags(SQLite::Database& db);

  // By number. The maps below look into the ids, which therefore stay in place.
  std::deque<std::string> ids;
  std::vector<Record> records;

  boost::unordered_flat_map<std::string_view, UserNumber, TextHash> by_id;
  boost::unordered_flat_map<std::string_view, UserNumber, TextHash>
      by_anonymous_id;
  // Anonymous ids that were linked to a user, which is said last.
  boost::unordered_flat_map<std::string, UserNumber, TextHash, std::equal_to<>>
      links;
  std::unordered_map<UserNumber, std::vector<UserNumber>> merged_into;
  std::unordered_map<UserNumber, std::string> experiment_keys;  // where not id
  ProfileColumns profiles;
  std::map<std::string, UserSet, std::less<>> tags;
  std::vector<UserNumber> first_unsaved;
  Statements statements;
};

}  // namespace rekindle

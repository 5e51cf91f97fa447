// Salted hashes of the ids of those who asked to be forgotten, so that they are
// kept out without being known.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <set>
#include <string>
#include <string_view>

#include "engine/store/store.h"

namespace rekindle {

// Why a row of a forgotten person is refused. Such a row is not kept anywhere,
// a dead letter included.
inline constexpr char kForgottenReason[] =
    "this user was forgotten on request and is kept out";

// A user id and an anonymous id of the same text are different ids.
enum class IdKind { kUser, kAnonymous };

// Not thread-safe while written.
class ForgottenIds {
 public:
  // Reads the hashes; makes the store's salt where it has none.
  explicit ForgottenIds(Store& store);

  bool empty() const { return hashes_.empty(); }
  bool Contains(IdKind kind, std::string_view id) const;
  // Adds an id in the caller's transaction. To add it twice is harmless.
  void Add(SQLite::Database& db, IdKind kind, std::string_view id);

 private:
  std::string HashOf(IdKind kind, std::string_view id) const;

  std::string salt_;
  std::set<std::string> hashes_;
};

}  // namespace rekindle

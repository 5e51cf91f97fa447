// What users allowed: topics granted or refused, and addresses that must not
// be written to.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/settings.h"
#include "engine/sets/user_set.h"

namespace rekindle {

struct Suppression {
  std::string channel;  // a channel id; empty: every channel
  std::string address;  // an address, or empty where `user` is given
  std::string user_id;  // a user, whatever the address; or empty
  std::string reason;   // "unsubscribed", "dead address", "complained", ...
  Instant at;
};

// The answers in the store, and the settings' default for absent ones. A value,
// made where it is needed. Functions with `db` read or write inside the
// caller's transaction.
class Consents {
 public:
  explicit Consents(const EngineSettings& settings);

  // Stores an answer. A topic may also be a channel id: consent to that
  // channel. ConsentChecks asks for one user's answers.
  static void Set(SQLite::Database& db, UserNumber user, std::string_view topic,
                  bool granted);
  // Users whose stored answer differs from the default, for set algebra: those
  // refused where the default grants, those granted where it does not.
  UserSet Exceptions(SQLite::Database& db, std::string_view topic) const;
  bool granted_by_default() const;

  // An entry that is there already stays as it is. Addresses are compared
  // without regard to ASCII case.
  static void Suppress(SQLite::Database& db, const Suppression& entry);
  static std::vector<Suppression> List(SQLite::Database& db);
  // Calls f for each suppression that holds in the channel, without its reason
  // and time: for questions about many users at once.
  static void ForEachIn(SQLite::Database& db, const std::string& channel,
                        const std::function<void(const Suppression&)>& f);

  // Merges `from` into `into`: where both answered, a refusal stands;
  // suppressions by user id are carried over.
  static void MoveUser(SQLite::Database& db, UserNumber from,
                       std::string_view from_id, UserNumber into,
                       std::string_view into_id);
  // Erases the user's answers and the suppressions that name the user.
  // Suppressed addresses stay, since they name nobody and must not be written
  // to whoever has them.
  static void EraseUser(SQLite::Database& db, UserNumber user,
                        std::string_view user_id);

 private:
  bool granted_by_default_;
};

}  // namespace rekindle

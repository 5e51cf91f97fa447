// The questions about consent that a claim asks for each touch.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "engine/model/event.h"
#include "engine/store/statements.h"

namespace rekindle {

// Lives inside one transaction of the store.
class ConsentChecks {
 public:
  ConsentChecks(SQLite::Database& db, Statements& statements,
                bool granted_by_default);

  // A topic may also be a channel id: consent to that channel.
  bool Granted(UserNumber user, const std::string& topic);
  // True where the address or the user is suppressed, in the channel or in all.
  bool IsSuppressed(const std::string& channel, const std::string& address,
                    const std::string& user_id);

 private:
  SQLite::Database& db_;
  Statements& statements_;
  const bool granted_by_default_;
};

}  // namespace rekindle

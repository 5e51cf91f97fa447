// What a claim is told of one user and one address, for tests.
#pragma once

#include <string>

#include "engine/consent/consent.h"
#include "engine/consent/consent_checks.h"

namespace rekindle::testing {

inline bool Granted(SQLite::Database& db, const Consents& consents,
                    UserNumber user, const std::string& topic) {
  Statements statements;
  return ConsentChecks(db, statements, consents.granted_by_default())
      .Granted(user, topic);
}

inline bool IsSuppressed(SQLite::Database& db, const std::string& channel,
                         const std::string& address,
                         const std::string& user_id) {
  Statements statements;
  return ConsentChecks(db, statements, true)
      .IsSuppressed(channel, address, user_id);
}

}  // namespace rekindle::testing

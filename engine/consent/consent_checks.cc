#include "engine/consent/consent_checks.h"

namespace rekindle {

ConsentChecks::ConsentChecks(SQLite::Database& db, Statements& statements,
                             bool granted_by_default)
    : db_(db),
      statements_(statements),
      granted_by_default_(granted_by_default) {}

bool ConsentChecks::Granted(UserNumber user, const std::string& topic) {
  SQLite::Statement& get = statements_.Query(
      db_, "SELECT granted FROM consents WHERE topic = ? AND user = ?");
  get.bindNoCopy(1, topic);
  get.bind(2, user);
  bool granted = granted_by_default_;
  if (get.executeStep()) granted = get.getColumn(0).getInt() != 0;
  get.reset();
  return granted;
}

bool ConsentChecks::IsSuppressed(const std::string& channel,
                                 const std::string& address,
                                 const std::string& user_id) {
  // The plus keeps SQLite from making a table of the two channels at every
  // question; what is suppressed of one address or user is little.
  SQLite::Statement& get = statements_.Query(
      db_,
      "SELECT 1 FROM suppressions WHERE address = ?2 AND address <> '' "
      "AND +channel IN ('', ?1) UNION ALL "
      "SELECT 1 FROM suppressions WHERE user_id = ?3 AND user_id <> '' "
      "AND +channel IN ('', ?1) LIMIT 1");
  get.bindNoCopy(1, channel);
  get.bindNoCopy(2, address);
  get.bindNoCopy(3, user_id);
  const bool suppressed = get.executeStep();
  get.reset();
  return suppressed;
}

}  // namespace rekindle

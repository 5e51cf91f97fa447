#include "engine/consent/consent_checks.h"

#include <SQLiteCpp/VariadicBind.h>

namespace rekindle {

ConsentChecks::ConsentChecks(SQLite::Database& db, bool granted_by_default)
    : granted_by_default_(granted_by_default),
      granted_(db, "SELECT granted FROM consents WHERE topic = ? AND user = ?"),
      // The plus keeps SQLite from making a table of the two channels at every
      // question; what is suppressed of one address or user is little.
      suppressed_(
          db,
          "SELECT 1 FROM suppressions WHERE address = ?2 AND address <> '' "
          "AND +channel IN ('', ?1) UNION ALL "
          "SELECT 1 FROM suppressions WHERE user_id = ?3 AND user_id <> '' "
          "AND +channel IN ('', ?1) LIMIT 1") {}

bool ConsentChecks::Granted(UserNumber user, std::string_view topic) {
  SQLite::bind(granted_, std::string(topic), user);
  bool granted = granted_by_default_;
  if (granted_.executeStep()) granted = granted_.getColumn(0).getInt() != 0;
  granted_.reset();
  return granted;
}

bool ConsentChecks::IsSuppressed(std::string_view channel,
                                 std::string_view address,
                                 std::string_view user_id) {
  SQLite::bind(suppressed_, std::string(channel), std::string(address),
               std::string(user_id));
  const bool suppressed = suppressed_.executeStep();
  suppressed_.reset();
  return suppressed;
}

}  // namespace rekindle

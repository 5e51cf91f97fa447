// The questions of a claim, asked touch after touch: statements prepared once.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <string_view>

#include "engine/event.h"

namespace rekindle {

// Lives inside one transaction of the store.
class ConsentChecks {
 public:
  ConsentChecks(SQLite::Database& db, bool granted_by_default);

  // A topic may also be a channel id: consent to that channel.
  bool Granted(UserNumber user, std::string_view topic);
  // By address or by user, for the channel or for all.
  bool IsSuppressed(std::string_view channel, std::string_view address,
                    std::string_view user_id);

 private:
  const bool granted_by_default_;
  SQLite::Statement granted_, suppressed_;
};

}  // namespace rekindle

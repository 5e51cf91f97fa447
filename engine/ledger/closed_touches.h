// Due touches that may not leave any more, since their window closed first
// (Touch::closes_at): they wait again, or are given up.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "engine/ledger/ledger.h"
#include "engine/store/store.h"

namespace rekindle {

struct ClosedTouch {
  int64_t id = 0;
  bool unknown = false;  // it may have left, so it is not dropped
  std::string rule_id;
  UserNumber user = kNoUser;
  std::vector<std::string> channels;  // that it may go through, by preference
  Instant expires_at;
};

// Whether the channel has any; unknown ones that it would send again included.
bool AnyClosed(const Store& store, const ClaimChannel& channel, Instant now);

// Takes up to `limit` of them out of the way, those due first: they are
// dropped, and take no room in caps, until each is put back or given up, in the
// same transaction (`db`). What was unknown is so again, and where it is given
// up is not sent again.
std::vector<ClosedTouch> TakeClosed(SQLite::Database& db,
                                    const ClaimChannel& channel, Instant now,
                                    int64_t limit);
void PutBack(SQLite::Database& db, const ClosedTouch& touch, Instant due_at,
             std::optional<Instant> closes_at);
void GiveUp(SQLite::Database& db, const ClosedTouch& touch,
            const std::string& reason);

}  // namespace rekindle

#include "engine/ledger/closed_touches.h"

#include <SQLiteCpp/VariadicBind.h>

#include <utility>

#include "config/base/words.h"

namespace rekindle {
namespace {

// The columns of the due touches of channel ?1 that may not leave at ?2. Each
// state by itself, as the index has them.
std::string SelectClosed(const std::string& columns,
                         const ClaimChannel& channel) {
  const auto in = [&](const char* state) {
    return "SELECT " + columns + " FROM touches WHERE state = '" + state +
           "' AND no_repeat = 0 AND channel = ?1 AND due_at <= ?2 "
           "AND closes_at <= ?2";
  };
  if (!channel.deduplicates) return in("planned");
  return in("planned") + " UNION ALL " + in("unknown");
}

}  // namespace

bool AnyClosed(const Store& store, const ClaimChannel& channel, Instant now) {
  return store.Read([&](SQLite::Database& db) {
    SQLite::Statement get(db, SelectClosed("1", channel) + " LIMIT 1");
    SQLite::bind(get, channel.id, ToMillis(now));
    return get.executeStep();
  });
}

std::vector<ClosedTouch> TakeClosed(SQLite::Database& db,
                                    const ClaimChannel& channel, Instant now,
                                    int64_t limit) {
  SQLite::Statement get(db,
                        SelectClosed("id, rule_id, user, fallbacks, "
                                     "expires_at, state = 'unknown', due_at",
                                     channel) +
                            " ORDER BY due_at, id LIMIT ?3");
  SQLite::bind(get, channel.id, ToMillis(now), limit);
  std::vector<ClosedTouch> closed;
  while (get.executeStep()) {
    ClosedTouch touch;
    touch.id = get.getColumn(0).getInt64();
    touch.rule_id = get.getColumn(1).getString();
    touch.user = get.getColumn(2).getUInt();
    touch.channels = {channel.id};
    for (std::string& next : Split(get.getColumn(3).getString(), ';')) {
      touch.channels.push_back(std::move(next));
    }
    touch.expires_at = FromMillis(get.getColumn(4).getInt64());
    touch.unknown = get.getColumn(5).getInt() != 0;
    closed.push_back(std::move(touch));
  }
  SQLite::Statement take(db,
                         "UPDATE touches SET state = 'dropped' WHERE id = ?");
  for (const ClosedTouch& touch : closed) {
    take.bind(1, touch.id);
    take.exec();
    take.reset();
  }
  return closed;
}

void PutBack(SQLite::Database& db, const ClosedTouch& touch, Instant due_at,
             std::optional<Instant> closes_at) {
  SQLite::Statement put(db,
                        "UPDATE touches SET state = ?4, due_at = ?2, "
                        "closes_at = ?3 WHERE id = ?1");
  put.bind(1, touch.id);
  put.bind(2, ToMillis(due_at));
  if (closes_at) put.bind(3, ToMillis(*closes_at));
  put.bind(4, touch.unknown ? "unknown" : "planned");
  put.exec();
}

void GiveUp(SQLite::Database& db, const ClosedTouch& touch,
            const std::string& reason) {
  if (touch.unknown) {
    SQLite::Statement stays(db,
                            "UPDATE touches SET state = 'unknown', reason = ?, "
                            "no_repeat = 1 WHERE id = ?");
    SQLite::bind(stays, reason, touch.id);
    stays.exec();
    return;
  }
  SQLite::Statement put(db, "UPDATE touches SET reason = ? WHERE id = ?");
  SQLite::bind(put, reason, touch.id);
  put.exec();
  SQLite::Statement erase(db, "DELETE FROM touch_contents WHERE touch = ?");
  erase.bind(1, touch.id);
  erase.exec();
}

}  // namespace rekindle

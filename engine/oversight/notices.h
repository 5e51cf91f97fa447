// Notices to people about slots: what is to be told, and what was. A cause is
// told once a slot and receiver; what is due at the same time goes out as one
// message.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"

namespace rekindle {

// Where notices go.
struct NoticeReceiver {
  std::string channel;
  std::string address;  // empty: the channel needs none
};

// One message on its way out: the causes of one slot for one receiver.
struct Notice {
  std::string rule_id;
  Instant slot;
  NoticeReceiver to;
  std::vector<std::string> causes;  // in order of their names
  Instant at;                       // when the first arose
  int attempt = 1;
};

// How far a notice has come.
enum class NoticeState { kWaiting, kSending, kSent, kFailed, kUnknown };
std::string_view NoticeStateName(NoticeState state);  // "waiting"

// Functions on the caller's transaction of the store; thread-safe as that is.
class Notices {
 public:
  // Adds a cause to tell; one that was told, or is to be, stays as it is.
  static void Add(SQLite::Database& db, const std::string& rule_id,
                  Instant slot, const std::string& cause,
                  const NoticeReceiver& to, Instant now);
  static bool Has(SQLite::Database& db, const std::string& rule_id,
                  Instant slot, const std::string& cause);

  // Takes what is due through the channel and marks it `sending`: durable
  // before anything leaves.
  static std::vector<Notice> Claim(SQLite::Database& db,
                                   const std::string& channel, Instant now);
  // kWaiting: to be tried again at `next_at`.
  static void Record(SQLite::Database& db, const Notice& notice,
                     NoticeState state, const std::string& detail,
                     Instant next_at);
  // What was under way when a process ended: to be sent again where the
  // channel drops what it had, else nobody can know.
  static void ResolveInterrupted(SQLite::Database& db,
                                 const std::string& channel, bool deduplicates);
  static bool AnyOpen(SQLite::Database& db, const std::string& channel);

  static std::map<NoticeState, int64_t> CountByState(SQLite::Database& db);
};

}  // namespace rekindle

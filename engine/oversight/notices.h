// Notices to people about slots and about channels: what is to be told, and
// what was. A cause is told once a slot and receiver; what is due at the same
// time goes out as one message. How a channel stands is told when it changes, a
// message each, in the order in which it changed.
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

// One message on its way out: the causes of one slot for one receiver, or how
// a channel stands.
struct Notice {
  std::string rule_id;        // empty: about a channel
  std::string about_channel;  // empty: about a slot
  Instant slot;               // or when the channel was found so
  NoticeReceiver to;
  std::vector<std::string> causes;  // in order of their names; of a channel one
  std::string why;                  // the channel stands so, in words; or empty
  Instant at;                       // when the first arose
  int attempt = 1;
};

// How far a notice has come.
enum class NoticeState { kWaiting, kSending, kSent, kFailed, kUnknown };
std::string_view NoticeStateName(NoticeState state);  // "waiting"

// After that, how a channel stood is no news.
inline constexpr std::chrono::hours kNewsOfChannelLasts{1};

// Functions on the caller's transaction of the store; thread-safe as that is.
class Notices {
 public:
  // Adds a cause to tell; one that was told, or is to be, stays as it is.
  static void Add(SQLite::Database& db, const std::string& rule_id,
                  Instant slot, const std::string& cause,
                  const NoticeReceiver& to, Instant now);
  static bool Has(SQLite::Database& db, const std::string& rule_id,
                  Instant slot, const std::string& cause);

  // How the channel stands by the last notice that left, or may have, or was
  // put down for this receiver, whatever became of it; empty: there is none.
  static std::string LastOfChannel(SQLite::Database& db,
                                   const std::string& channel,
                                   const NoticeReceiver& to);
  // Puts down that `channel` stands so, unless that was the last, and gives up
  // what waits for another receiver. A clock that was set back does not change
  // which is the last.
  static void AddOfChannel(SQLite::Database& db, const std::string& channel,
                           const std::string& standing, const std::string& why,
                           const NoticeReceiver& to, Instant now);

  // Takes what is due through the channel and marks it `sending`: durable
  // before anything leaves. What is told of a channel waits for what is open
  // of it from before, and is given up where nobody came for it within an hour
  // (kNewsOfChannelLasts) of when it was due.
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

// Which touches of a channel are due, the rules in turns.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "engine/model/event.h"
#include "engine/store/statements.h"

namespace rekindle {

// A due touch as it is stored.
struct DueTouch {
  int64_t id = 0;
  std::string touch_id, rule_id, topic;
  UserNumber user = kNoUser;
  Instant slot, planned_at, due_at, expires_at;
  std::string contents;  // encoded; empty: there are none
  bool unknown = false;
  int attempts = 0;
};

// Reads inside one transaction of the store.
class DueTouches {
 public:
  // Touches planned after `planned_until` are left out.
  DueTouches(SQLite::Database& db, Statements& statements, std::string channel,
             Instant now, Instant planned_until);

  // Up to `limit` planned touches, shared out evenly among the rules that have
  // due ones, each rule's oldest first, beginning with the rule after
  // `served_last`, which is set to the last one that got a turn. So a rule with
  // ten touches does not wait for one with a million.
  std::vector<DueTouch> Planned(int limit, std::string* served_last);
  // Up to `limit` unknown touches that may be sent again, the oldest first.
  std::vector<DueTouch> Unknown(int limit);

 private:
  std::vector<std::string> RulesAfter(const std::string& rule);
  int ReadRule(const std::string& rule, int limit, std::vector<DueTouch>* due);

  SQLite::Database& db_;
  Statements& statements_;
  const std::string channel_;
  const Instant now_, planned_until_;
};

}  // namespace rekindle

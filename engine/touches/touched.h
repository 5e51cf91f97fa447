// Who was touched, for conditions.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/sets/user_set.h"
#include "engine/touches/touch.h"

namespace rekindle {

// Which touches; an empty list is any.
struct TouchQuestion {
  std::vector<std::string> rules;
  std::vector<std::string> channels;  // as known now
  std::vector<TouchState> states;     // as known now
  std::optional<Instant> from;        // planned then or later
};

struct PlannedTouch {
  std::string rule_id;
  std::string channel;
  TouchState state = TouchState::kPlanned;
  Instant planned_at;
};

// Users with such a touch planned before the instant, not at it: rules that are
// worked at one instant do not see each other's touches, whatever their order.
UserSet UsersTouched(SQLite::Database& db, const TouchQuestion& question,
                     Instant before);
// The user's latest of them.
std::optional<PlannedTouch> LastTouch(SQLite::Database& db,
                                      const TouchQuestion& question,
                                      Instant before, UserNumber user);

}  // namespace rekindle

// One item of input before it has a dense number: a Segment message, or a row
// of a CSV file in its terms (reference: Segment's tracking API; design.md
// 2.2).
#pragma once

#include <optional>
#include <string>

#include "config/base/calendar.h"

namespace rekindle {

enum class MessageKind {
  kEvent,     // track, page, screen
  kIdentify,  // traits fill the profile; with an anonymous_id it also merges
  kAlias,     // previous_id becomes user_id
  kGroup,     // kept out of activity; its traits are not the user's
};

struct Message {
  MessageKind kind = MessageKind::kEvent;
  std::string user_id;       // empty: only anonymous_id is known
  std::string anonymous_id;  // empty: none
  std::string previous_id;   // alias only
  std::string event;         // kEvent: its name; "page" and "screen" for those
  Moment when;
  std::string message_id;  // empty: none, so no dedupe is possible
  std::string properties;  // a JSON object's text, or empty
  std::string traits;      // a JSON object's text, or empty (kIdentify)
};

}  // namespace rekindle

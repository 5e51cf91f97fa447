// One item of input, before its user has a dense number: a message of Segment's
// tracking API, or a row of a CSV file in its terms.
#pragma once

#include <string>
#include <string_view>

#include "config/base/calendar.h"
#include "engine/journal/id_hash.h"

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
  // The reader of the message has seen that `properties` are an object's text.
  bool properties_checked = false;
};

// A Message by reference: its texts lie elsewhere, in a Message or in the bytes
// of an input. Millions of events are handed on in this form. The message id is
// a hash only, made by the many threads that read messages, not by the one that
// takes them in.
struct MessageView {
  MessageView() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a Message is taken as it is.
  MessageView(const Message& m)
      : kind(m.kind),
        properties_checked(m.properties_checked),
        when(m.when),
        user_id(m.user_id),
        anonymous_id(m.anonymous_id),
        previous_id(m.previous_id),
        event(m.event),
        id(HashOfId(m.message_id)),
        properties(m.properties),
        traits(m.traits) {}

  MessageKind kind = MessageKind::kEvent;
  bool properties_checked = false;
  Moment when;
  std::string_view user_id, anonymous_id, previous_id;
  std::string_view event;
  IdHash id{};
  std::string_view properties, traits;
};

}  // namespace rekindle

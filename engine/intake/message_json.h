// A message of Segment's tracking API read from JSON: the one place that knows
// what its fields mean, for files and for HTTP alike.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "engine/intake/message.h"

namespace rekindle {

// What surrounds a message. Its fields apply where the message has none of its
// own; a line of a file has no surroundings but `now`.
struct MessageFrame {
  Instant now;               // dates a message that is no event and has no time
  std::string_view type;     // what the path of a call says
  std::string_view sent_at;  // of the batch, by the sender's clock
  std::string_view context_traits;  // of the batch: an object's text, or empty
  std::optional<Instant> received_at;
};

// The times a message comes with, as they stand; empty: not given.
struct MessageTimes {
  std::string_view timestamp, original_timestamp, sent_at, received_at;
};

// Times by a sender's clock that is off by more are not corrected but replaced.
inline constexpr auto kMostSkew = std::chrono::hours(24);

// Reads a track, page, screen, identify, group or alias message; kUsage with
// the reason for an invalid one. REQUIRES: an object that was checked
// (JsonObjectReader) and not yet read.
//
// - Ids that are whole numbers become their decimal text; unknown keys are let
//   through; a page's or screen's name and category also become properties.
// - The time is TimeOf its times.
// - A time without an offset is UTC; one that is a bare date is that day.
Result<Message> ReadMessage(simdjson::ondemand::object object,
                            const MessageFrame& frame, const Calendar& calendar,
                            bool* clock_off = nullptr);

// When a message happened: `timestamp` where there is an `originalTimestamp`
// beside it (it was set on purpose, or corrected by who archived it). One that
// stands alone is the sender's clock: with `sentAt` and `receivedAt` it is
// corrected to receivedAt - (sentAt - time). Where that clock is off by over 24
// hours the time is receivedAt, and `clock_off` (may be nullptr) is set.
// Without any time it is receivedAt; else an event is refused, and the rest is
// `now`.
Result<Moment> TimeOf(const MessageTimes& times, MessageKind kind,
                      const MessageFrame& frame, const Calendar& calendar,
                      bool* clock_off);

// The message's own text with the frame's fields put in front, where its own
// ones take their place: read again without a frame it means the same. Text
// that is not an object stays as it is.
std::string WithFrame(std::string_view object_json, const MessageFrame& frame);

// Reads an id: a text, or a whole number as its decimal text; null is empty.
// The result lives as long as the parser's document. kUsage names the key.
Status TakeId(std::string_view key, simdjson::ondemand::value value,
              std::string_view* id);
// Reads a time as it stands: a text, or any number.
Status TakeTime(std::string_view key, simdjson::ondemand::value value,
                std::string_view* time);

}  // namespace rekindle

// Reads the usual kind of message in one pass.
//
// Nearly all messages are of type `track` and have nothing unusual. They are
// read here into views of their text; values that are not wanted are only
// checked. Everything else, and every error, is left to ReadMessage, which
// knows all kinds and says what is wrong. Where this reader gives a result,
// both give the same.
#pragma once

#include <string_view>

#include "engine/intake/json_cursor.h"
#include "engine/intake/message.h"
#include "engine/intake/message_json.h"

namespace rekindle {

// A usual message without its time, which may depend on fields that come later
// in the text.
struct UsualTrack {
  MessageView message;
  MessageTimes times;
};

// True where the next value is such a message; the cursor then stands behind
// it. `type` is its type where it has none itself; `depth` is that of its
// fields.
bool ReadUsualTrack(JsonCursor& json, std::string_view type, int depth,
                    UsualTrack* track);

// A line of a file. True where it is such a message; its texts are then views
// of the line. REQUIRES: JsonCursor::kPadding readable bytes behind the line.
bool ReadUsualLine(std::string_view line, const Calendar& calendar,
                   MessageView* message);

}  // namespace rekindle

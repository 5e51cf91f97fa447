// The usual message, read in one pass.
//
// What comes in is nearly all `track` messages with nothing unusual about them.
// Those are read here, straight into views of the text they stand in: a field
// that is wanted, every other value only checked. Anything else, and whatever
// is wrong, is left to ReadMessage, which knows all kinds and can say what is
// wrong; where this reader answers, both give the same.
#pragma once

#include <string_view>

#include "engine/intake/json_cursor.h"
#include "engine/intake/message.h"
#include "engine/intake/message_json.h"

namespace rekindle {

// A usual message, but for when it happened, which may depend on what stands
// behind it.
struct UsualTrack {
  MessageView message;
  MessageTimes times;
};

// True where the next value is such a message; the cursor then stands behind
// it. `type` is its type where it does not say; `depth` is that of its fields.
bool ReadUsualTrack(JsonCursor& json, std::string_view type, int depth,
                    UsualTrack* track);

// A line of a file. True where it is such a message; its texts are then views
// of the line. REQUIRES: JsonCursor::kPadding readable bytes behind the line.
bool ReadUsualLine(std::string_view line, const Calendar& calendar,
                   MessageView* message);

}  // namespace rekindle

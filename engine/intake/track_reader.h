// The usual line of a file of events, read in one pass.
//
// Files of events are nearly all `track` messages with nothing unusual about
// them. Those are read here, straight into views of the line: a field that is
// wanted, every other value only checked. Anything else, and whatever is wrong,
// is left to the JsonRowReader, which knows all kinds and can say what is
// wrong; where this reader answers, both give the same.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "engine/intake/message.h"

namespace rekindle {

// Not thread-safe; keeps its buffers between calls.
class TrackReader {
 public:
  explicit TrackReader(const Calendar& calendar) : calendar_(calendar) {}

  // True where the line is such a message; its texts are then views of the
  // line. REQUIRES: simdjson::SIMDJSON_PADDING readable bytes behind the line.
  bool Read(std::string_view line, MessageView* message);

 private:
  const Calendar calendar_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

}  // namespace rekindle

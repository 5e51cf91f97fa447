// Reads the messages of a call from its body.
#pragma once

#include <optional>
#include <vector>

#include "config/base/json_reader.h"
#include "daemon/intake/call.h"
#include "daemon/intake/problem.h"
#include "engine/intake/track_reader.h"

namespace rekindle {

// Parses `call.body` and fills the call; a Problem where that is not JSON, or
// not a batch. A message that is refused, even for a fault of its text
// (JsonFault), does not keep the others out. Not thread-safe; keeps its buffers
// between calls.
class CallReader {
 public:
  // REQUIRES: simdjson::SIMDJSON_PADDING bytes of capacity behind the body.
  std::optional<Problem> Read(const Calendar& calendar, Call* call);

 private:
  JsonObjectReader json_;
  std::vector<JsonFault> faults_;
  std::vector<UsualTrack> tracks_;
};

}  // namespace rekindle

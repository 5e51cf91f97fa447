// Single JSON objects as input: Segment messages, and plain user objects.
#pragma once

#include <memory>
#include <string_view>
#include <variant>

#include "engine/import/input_row.h"

namespace rekindle {

using JsonUser = std::variant<Message, Engine::UserRow>;

// Strict: UTF-8, at most 64 levels deep, nothing after the object. Not
// thread-safe; keeps its buffers between calls.
class JsonRowReader {
 public:
  explicit JsonRowReader(const Calendar& calendar);
  ~JsonRowReader();

  // A message as message_json.h reads it. kUsage with the reason otherwise.
  Result<Message> ReadMessage(std::string_view json, Instant now);

  // An identify message (gives a Message), or an object without `type`: user_id
  // and profile keys, `consent.TOPIC` being true or false (gives a UserRow).
  Result<JsonUser> ReadUser(std::string_view json, Instant now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle

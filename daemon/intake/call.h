// One call of the tracking API, and what its body says.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/intake/message.h"

namespace rekindle {

struct MessageFrame;  // engine/intake/message_json.h

// Sizes are of uncompressed JSON (Segment's limits).
inline constexpr size_t kMostMessageBytes = 32 << 10;
inline constexpr int64_t kMostMessages = 2500;
// Surplus messages are refused one by one; with more than so many, the whole
// call is.
inline constexpr int64_t kMostSurplus = 10 * kMostMessages;

// Why a message is refused, as a word for counters.
enum class Refusal {
  kUnreadable,  // a field with a value that is not allowed
  kTooLarge,    // over kMostMessageBytes
  kSurplus,     // beyond the kMostMessages of its batch
  kEngine,      // in the future, a forgotten user, ...
};
std::string_view RefusalName(Refusal refusal);

// Where a message stands: its number in the call, from 1, and its text.
struct MessagePlace {
  int64_t item = 1;
  std::string_view text;
};

struct RefusedMessage {
  MessagePlace place;
  Refusal refusal = Refusal::kUnreadable;
  std::string reason;  // for people
};

// Not to be moved: the views below point into it.
struct Call {
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // What surrounds its messages.
  MessageFrame Frame() const;

  std::string_view path;  // "/v1/batch"
  std::string_view type;  // "track"; empty for a batch
  Instant received_at;
  std::string body;  // JSON

  // Filled by CallReader.
  std::string write_key;       // as the body names it; empty: none
  std::string sent_at;         // of a batch
  std::string context_traits;  // of a batch
  std::vector<MessageView> messages;
  std::vector<MessagePlace> places;  // of the messages
  std::vector<RefusedMessage> refused;
  int64_t clocks_off = 0;  // messages dated by their arrival
  // Messages with texts that are not written out in the body as they are meant
  // (escapes, say): views point into these instead.
  std::deque<Message> kept;
};

struct CallPath {
  std::string_view path;
  std::string_view type;
};
// The call that a path without its query names ("/v1/b" is short for
// "/v1/batch", and so on); nothing where it names none.
std::optional<CallPath> FindCall(std::string_view path);

}  // namespace rekindle

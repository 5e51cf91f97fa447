#include "engine/intake/track_reader.h"

#include <cstring>

namespace rekindle {
namespace {

constexpr int kLineDepth = 1;  // of the fields of a line's object

// Comparisons of a length that is known are cheap.
template <size_t kSize>
bool Is(std::string_view key, const char (&word)[kSize]) {
  return key.size() == kSize - 1 &&
         std::memcmp(key.data(), word, kSize - 1) == 0;
}

class TrackFields {
 public:
  TrackFields(JsonCursor& json, std::string_view type, int depth,
              UsualTrack* track)
      : json_(json),
        type_(type),
        depth_(depth),
        message_(track->message),
        times_(track->times) {}

  bool Read() {
    return json_.TakeObject(
               [this](std::string_view key) { return Take(key); }) &&
           Is(type_, "track") && !message_.event.empty() &&
           !(message_.user_id.empty() && message_.anonymous_id.empty());
  }

 private:
  // In the order in which clients write them.
  bool Take(std::string_view key) {
    if (Is(key, "type")) return json_.TakeText(&type_);
    if (Is(key, "messageId")) return TakeMessageId();
    if (Is(key, "userId")) return json_.TakeText(&message_.user_id);
    if (Is(key, "anonymousId")) return json_.TakeText(&message_.anonymous_id);
    if (Is(key, "event")) return json_.TakeText(&message_.event);
    if (Is(key, "timestamp")) return json_.TakeText(&times_.timestamp);
    if (Is(key, "originalTimestamp")) {
      return json_.TakeText(&times_.original_timestamp);
    }
    if (Is(key, "sentAt")) return TakeSentAt();
    if (Is(key, "receivedAt")) return json_.TakeText(&times_.received_at);
    if (Is(key, "properties")) return TakeProperties();
    if (Is(key, "context")) return SkipContext();
    if (Is(key, "name") || Is(key, "category") || Is(key, "traits") ||
        Is(key, "previousId") || Is(key, "groupId") || Is(key, "writeKey")) {
      return false;  // of other kinds, or of a call
    }
    return json_.SkipValue(depth_);
  }

  bool TakeMessageId() {
    std::string_view id;
    if (!json_.TakeText(&id)) return false;
    message_.id = HashOfId(id);
    return true;
  }

  // Empty it would not be that of the batch, as one that is not there is.
  bool TakeSentAt() {
    return json_.TakeText(&times_.sent_at) && !times_.sent_at.empty();
  }

  bool TakeProperties() {
    const char* const begin = json_.at();
    if (*begin != '{' || !json_.SkipValue(depth_)) return false;
    message_.properties = {begin, static_cast<size_t>(json_.passed() - begin)};
    return true;
  }

  // Traits in a context count for the user: not usual in a track message.
  bool SkipContext() {
    return json_.TakeObject([this](std::string_view key) {
      return !Is(key, "traits") && json_.SkipValue(depth_ + 1);
    });
  }

  JsonCursor& json_;
  std::string_view type_;
  const int depth_;
  MessageView& message_;
  MessageTimes& times_;
};

}  // namespace

bool ReadUsualTrack(JsonCursor& json, std::string_view type, int depth,
                    UsualTrack* track) {
  *track = {};
  track->message.properties_checked = true;
  return TrackFields(json, type, depth, track).Read();
}

bool ReadUsualLine(std::string_view line, const Calendar& calendar,
                   MessageView* message) {
  JsonCursor json(line);
  UsualTrack track;
  if (!ReadUsualTrack(json, "", kLineDepth, &track) || !json.EndsWell()) {
    return false;
  }
  const Result<Moment> when =
      TimeOf(track.times, MessageKind::kEvent, {}, calendar, nullptr);
  if (!when) return false;
  *message = track.message;
  message->when = *when;
  return true;
}

}  // namespace rekindle

#include "engine/intake/track_reader.h"

#include <utility>

#include "config/base/words.h"
#include "engine/intake/json_text.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

constexpr int kFieldDepth = 1;  // of a message's fields

// A string that stands in the line as it is meant, without escapes.
bool TakePlain(ondemand::value value, std::string_view* text) {
  std::string_view token = value.raw_json_token();
  if (!token.starts_with('"')) return false;
  token.remove_prefix(1);
  *text = token.substr(0, token.find('"'));
  std::string_view unescaped;
  return !value.get_string().get(unescaped) &&
         text->size() == unescaped.size() &&
         text->find('\\') == std::string_view::npos;
}

// An object; `document` stands behind it afterwards.
bool TakeObject(ondemand::document& document, ondemand::value value,
                std::string_view* text) {
  json_type type;
  if (value.type().get(type) || type != json_type::object) return false;
  const char* const begin = value.raw_json_token().data();
  if (CheckJson(value, kFieldDepth, LongNumbers::kRefuse)) return false;
  const char* end;  // at least the message's own end follows
  if (document.current_location().get(end)) return false;
  *text = Trim({begin, static_cast<size_t>(end - begin)});
  return true;
}

// Traits in a context count for the user: not usual in a track message.
bool CheckContext(ondemand::value value) {
  ondemand::object context;
  if (value.get_object().get(context)) return false;
  for (auto entry : context) {
    ondemand::field field;
    std::string_view key;
    if (std::move(entry).get(field) || field.unescaped_key().get(key) ||
        key == "traits" ||
        CheckJson(field.value(), kFieldDepth + 1, LongNumbers::kPass)) {
      return false;
    }
  }
  return true;
}

struct Texts {
  std::string_view type, timestamp, unused;
};

bool TakeField(ondemand::document& document, std::string_view key,
               ondemand::value value, MessageView* message, Texts* texts) {
  if (key == "type") return TakePlain(value, &texts->type);
  if (key == "messageId") return TakePlain(value, &message->message_id);
  if (key == "userId") return TakePlain(value, &message->user_id);
  if (key == "anonymousId") return TakePlain(value, &message->anonymous_id);
  if (key == "event") return TakePlain(value, &message->event);
  if (key == "timestamp") return TakePlain(value, &texts->timestamp);
  if (key == "originalTimestamp") return TakePlain(value, &texts->unused);
  if (key == "properties") {
    return TakeObject(document, value, &message->properties);
  }
  if (key == "context") return CheckContext(value);
  // Then the sender's clock is corrected: left to the full reader.
  if (key == "receivedAt") return false;
  if (key == "name" || key == "category" || key == "traits" ||
      key == "previousId" || key == "groupId") {
    return false;  // of other kinds
  }
  return !CheckJson(value, kFieldDepth, LongNumbers::kPass);
}

}  // namespace

bool TrackReader::Read(std::string_view line, MessageView* message) {
  *message = {};
  message->properties_checked = true;
  const size_t padded = line.size() + simdjson::SIMDJSON_PADDING;
  if (parser_.iterate(line.data(), line.size(), padded).get(document_)) {
    return false;
  }
  ondemand::object object;
  if (document_.get_object().get(object)) return false;
  Texts texts;
  for (auto entry : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(entry).get(field) || field.unescaped_key().get(key) ||
        !TakeField(document_, key, field.value(), message, &texts)) {
      return false;
    }
  }
  const char* rest;
  if (!document_.current_location().get(rest)) return false;  // more follows
  if (texts.type != "track" || message->event.empty() ||
      (message->user_id.empty() && message->anonymous_id.empty())) {
    return false;
  }
  const Result<Moment> when = calendar_.ParseMoment(texts.timestamp);
  if (!when) return false;
  message->when = *when;
  return true;
}

}  // namespace rekindle

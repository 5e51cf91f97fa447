#include "engine/intake/message_json.h"

#include <utility>
#include <vector>

#include "config/base/json_reader.h"
#include "config/base/json_text.h"
#include "config/base/moment_parser.h"
#include "config/base/words.h"
#include "engine/behavior/behavior.h"
#include "engine/intake/cells.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

json_type TypeOf(ondemand::value value) {
  json_type type;
  return value.type().get(type) ? json_type::null : type;
}

// REQUIRES: a string, checked before.
std::string_view TextOf(ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) ? std::string_view() : text;
}

bool IsDigits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

Status TakeText(std::string_view key, ondemand::value value,
                std::string_view* text) {
  json_type type = TypeOf(value);
  if (type == json_type::null) return {};
  if (type != json_type::string) return RefuseNamed(key, " must be a text");
  *text = TextOf(value);
  return {};
}

Status TakeObject(std::string_view key, ondemand::value value,
                  std::string_view* json) {
  json_type type = TypeOf(value);
  if (type == json_type::null) return {};
  if (type != json_type::object) {
    return RefuseNamed(key, " must be an object");
  }
  *json = *RawText(value);
  return {};
}

// The traits some SDKs put into `context` only.
Status TakeContext(ondemand::value value, std::string_view* traits) {
  if (TypeOf(value) != json_type::object) return {};
  ondemand::object context;
  ondemand::value found;
  if (value.get_object().get(context)) return {};
  if (context.find_field_unordered("traits").get(found)) return {};
  return TakeObject("context.traits", found, traits);
}

// A message's fields as they stand, before they are judged. They live as long
// as the document.
struct Fields {
  std::string_view type, user_id, anonymous_id, previous_id, group_id, event;
  std::string_view name, category, message_id;
  MessageTimes times;
  std::string_view properties, traits, context_traits;
};

Status TakeField(std::string_view key, ondemand::value value, Fields* f) {
  if (key == "userId") return TakeId(key, value, &f->user_id);
  if (key == "anonymousId") return TakeId(key, value, &f->anonymous_id);
  if (key == "previousId") return TakeId(key, value, &f->previous_id);
  if (key == "groupId") return TakeId(key, value, &f->group_id);
  if (key == "messageId") return TakeId(key, value, &f->message_id);
  if (key == "timestamp") return TakeTime(key, value, &f->times.timestamp);
  if (key == "originalTimestamp") {
    return TakeTime(key, value, &f->times.original_timestamp);
  }
  if (key == "sentAt") return TakeTime(key, value, &f->times.sent_at);
  if (key == "receivedAt") return TakeTime(key, value, &f->times.received_at);
  if (key == "type") return TakeText(key, value, &f->type);
  if (key == "event") return TakeText(key, value, &f->event);
  if (key == "name") return TakeText(key, value, &f->name);
  if (key == "category") return TakeText(key, value, &f->category);
  if (key == "properties") return TakeObject(key, value, &f->properties);
  if (key == "traits") return TakeObject(key, value, &f->traits);
  if (key == "context") return TakeContext(value, &f->context_traits);
  return {};
}

std::optional<MessageKind> KindOf(std::string_view type) {
  if (type == "track" || type == "page" || type == "screen") {
    return MessageKind::kEvent;
  }
  if (type == "identify") return MessageKind::kIdentify;
  if (type == "group") return MessageKind::kGroup;
  if (type == "alias") return MessageKind::kAlias;
  return std::nullopt;
}

tl::unexpected<Error> UnknownType(std::string_view type) {
  const std::vector<std::string> types = {"track",    "page",  "screen",
                                          "identify", "group", "alias"};
  if (type.empty()) {
    return Refuse("type is missing; expected " + OneOf(types));
  }
  std::string near = ClosestWord(std::string(type), types);
  return Refuse("unknown type \"" + std::string(type) + "\"; " +
                (near.empty() ? "expected " + OneOf(types)
                              : "did you mean \"" + near + "\"?"));
}

Status CheckIds(MessageKind kind, const Fields& f) {
  if (kind == MessageKind::kAlias) {
    if (f.previous_id.empty()) return Refuse("previousId is missing");
    if (f.user_id.empty()) return Refuse("userId is missing");
    return {};
  }
  if (f.user_id.empty() && f.anonymous_id.empty()) {
    return Refuse("neither userId nor anonymousId is given");
  }
  if (kind == MessageKind::kGroup && f.group_id.empty()) {
    return Refuse("groupId is missing");
  }
  return {};
}

// `properties` with a key put in front, where it does not have it.
std::string WithProperty(std::string properties, std::string_view key,
                         std::string_view value) {
  if (value.empty()) return properties;
  bool has = !std::holds_alternative<std::monostate>(
      PropertyOf(properties.empty() ? "{}" : properties, key));
  if (has) return properties;
  std::string json = "{";
  AppendJsonString(&json, key);
  json += ':';
  AppendJsonString(&json, value);
  std::string_view rest = properties;
  if (!rest.empty()) rest = Trim(rest.substr(1));
  if (rest.empty()) rest = "}";
  if (rest != "}") json += ',';
  return json.append(rest);
}

Status FillEvent(const Fields& f, Message* message) {
  message->properties = f.properties;
  message->properties_checked = true;  // with all of the message
  if (f.type == "track") {
    if (Status s = CheckFilled("event", f.event); !s) return s;
    message->event = f.event;
    return {};
  }
  message->event = f.type;
  message->properties = WithProperty(
      WithProperty(std::move(message->properties), "category", f.category),
      "name", f.name);
  return {};
}

// As an instant; a bare date is one only with a calendar.
Result<ParsedMoment> ParseTime(std::string_view text) {
  Result<ParsedMoment> moment = ParseMomentText(text);
  if (moment) return moment;
  Result<ParsedMoment> utc = ParseMomentText(std::string(text) + "Z");
  return utc ? utc : moment;
}

// When a message happened. Days are looked up once, at the end: that is the
// dear part.
class Dating {
 public:
  Dating(const MessageTimes& times, const MessageFrame& frame,
         const Calendar& calendar)
      : times_(times), frame_(frame), calendar_(calendar) {
    received_at_ = InstantOf(times.received_at);
    if (!received_at_) received_at_ = frame.received_at;
  }

  Result<Moment> TimeOf(MessageKind kind, bool* clock_off) const {
    const bool original = times_.timestamp.empty();
    if (original && times_.original_timestamp.empty()) return OfArrival(kind);
    const std::string_view key = original ? "originalTimestamp" : "timestamp";
    const std::string_view text =
        original ? times_.original_timestamp : times_.timestamp;
    Result<ParsedMoment> given = ParseTime(text);
    if (!given || given->day) return ReadMoment(key, text, calendar_);
    const bool alone = original || times_.original_timestamp.empty();
    return MomentAt(alone ? Corrected(given->at, clock_off) : given->at);
  }

 private:
  // Nothing where there is none that can be read: then nothing is corrected.
  std::optional<Instant> InstantOf(std::string_view text) const {
    if (text.empty()) return std::nullopt;
    Result<ParsedMoment> moment = ParseTime(text);
    if (!moment) return std::nullopt;
    return moment->day ? calendar_.StartOf(*moment->day) : moment->at;
  }

  Moment MomentAt(Instant at) const { return {at, calendar_.DayOf(at), false}; }

  Result<Moment> OfArrival(MessageKind kind) const {
    if (received_at_) return MomentAt(*received_at_);
    if (kind == MessageKind::kEvent) return Refuse("timestamp is missing");
    return MomentAt(frame_.now);
  }

  Instant Corrected(Instant given, bool* clock_off) const {
    std::optional<Instant> sent_at = InstantOf(times_.sent_at);
    if (!sent_at || !received_at_) return given;
    const auto skew = *sent_at - *received_at_;
    if (skew <= kMostSkew && skew >= -kMostSkew) return given - skew;
    if (clock_off != nullptr) *clock_off = true;
    return *received_at_;
  }

  const MessageTimes& times_;
  const MessageFrame& frame_;
  const Calendar& calendar_;
  std::optional<Instant> received_at_;
};

Result<Message> ToMessage(const Fields& f, const MessageFrame& frame,
                          const Calendar& calendar, bool* clock_off) {
  std::optional<MessageKind> kind = KindOf(f.type);
  if (!kind) return UnknownType(f.type);
  if (Status s = CheckIds(*kind, f); !s) return tl::make_unexpected(s.error());
  Message message;
  message.kind = *kind;
  if (*kind == MessageKind::kEvent) {
    if (Status s = FillEvent(f, &message); !s) {
      return tl::make_unexpected(s.error());
    }
  }
  Result<Moment> when = TimeOf(f.times, *kind, frame, calendar, clock_off);
  if (!when) return tl::make_unexpected(when.error());
  message.when = *when;
  message.user_id = f.user_id;
  message.anonymous_id = f.anonymous_id;
  message.message_id = f.message_id;
  if (*kind == MessageKind::kAlias) message.previous_id = f.previous_id;
  if (*kind == MessageKind::kIdentify) {
    message.traits = f.traits.empty() ? f.context_traits : f.traits;
  }
  return message;
}

}  // namespace

Result<Moment> TimeOf(const MessageTimes& times, MessageKind kind,
                      const MessageFrame& frame, const Calendar& calendar,
                      bool* clock_off) {
  return Dating(times, frame, calendar).TimeOf(kind, clock_off);
}

Status TakeId(std::string_view key, ondemand::value value,
              std::string_view* id) {
  json_type type = TypeOf(value);
  std::string_view text;
  if (type == json_type::null) return {};
  if (type == json_type::string) {
    text = TextOf(value);
  } else if (type == json_type::number) {
    text = *RawText(value);
    if (!IsDigits(text)) type = json_type::null;
  }
  if (type != json_type::string && type != json_type::number) {
    return RefuseNamed(key, " must be a text or a whole number");
  }
  if (text.find('\0') != std::string_view::npos) {
    return RefuseNamed(key, " holds a NUL character");
  }
  *id = text;
  return {};
}

Status TakeTime(std::string_view key, ondemand::value value,
                std::string_view* time) {
  if (TypeOf(value) != json_type::number) return TakeId(key, value, time);
  *time = *RawText(value);
  return {};
}

Result<Message> ReadMessage(ondemand::object object, const MessageFrame& frame,
                            const Calendar& calendar, bool* clock_off) {
  Fields fields;
  fields.type = frame.type;
  fields.times.sent_at = frame.sent_at;
  fields.context_traits = frame.context_traits;
  Status taken =
      ForEachField(object, [&](std::string_view key, ondemand::value value) {
        return TakeField(key, value, &fields);
      });
  if (!taken) return tl::make_unexpected(taken.error());
  return ToMessage(fields, frame, calendar, clock_off);
}

std::string WithFrame(std::string_view object_json, const MessageFrame& frame) {
  if (!object_json.starts_with('{')) return std::string(object_json);
  std::string json = "{";
  auto add = [&json](std::string_view key, std::string_view text) {
    if (text.empty()) return;
    if (json.size() > 1) json += ',';
    AppendJsonString(&json, key);
    json += ':';
    json += text;
  };
  auto quoted = [](std::string_view text) {
    std::string string;
    if (!text.empty()) AppendJsonString(&string, text);
    return string;
  };
  add("type", quoted(frame.type));
  add("sentAt", quoted(frame.sent_at));
  if (frame.received_at) {
    add("receivedAt", std::to_string(ToMillis(*frame.received_at)));
  }
  if (!frame.context_traits.empty()) {
    add("context", "{\"traits\":" + std::string(frame.context_traits) + "}");
  }
  std::string_view rest = Trim(object_json.substr(1));
  if (rest != "}" && json.size() > 1) json += ',';
  return json.append(rest);
}

}  // namespace rekindle

#include "engine/intake/ndjson.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/base/words.h"
#include "engine/intake/cells.h"
#include "engine/intake/json_text.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

constexpr std::string_view kConsent = "consent.";

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ErrorKind::kUsage, std::move(message));
}
tl::unexpected<Error> Pass(const Error& error) {
  return tl::make_unexpected(error);
}

std::string Named(std::string_view key, std::string_view rest) {
  return std::string(key) + std::string(rest);
}

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

// A text, or a whole number as its decimal text; null is empty.
Status TakeId(std::string_view key, ondemand::value value, std::string* id) {
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
    return Refuse(Named(key, " must be a text or a whole number"));
  }
  if (text.find('\0') != std::string_view::npos) {
    return Refuse(Named(key, " holds a NUL character"));
  }
  *id = text;
  return {};
}

Status TakeText(std::string_view key, ondemand::value value,
                std::string* text) {
  json_type type = TypeOf(value);
  if (type == json_type::null) return {};
  if (type != json_type::string) return Refuse(Named(key, " must be a text"));
  *text = TextOf(value);
  return {};
}

Status TakeObject(std::string_view key, ondemand::value value,
                  std::string* json) {
  json_type type = TypeOf(value);
  if (type == json_type::null) return {};
  if (type != json_type::object) {
    return Refuse(Named(key, " must be an object"));
  }
  *json = *RawText(value);
  return {};
}

// The traits some SDKs put into `context` only.
Status TakeContext(ondemand::value value, std::string* traits) {
  if (TypeOf(value) != json_type::object) return {};
  ondemand::object context;
  ondemand::value found;
  if (value.get_object().get(context)) return {};
  if (context.find_field_unordered("traits").get(found)) return {};
  return TakeObject("context.traits", found, traits);
}

// A message's fields as they stand, before they are judged.
struct Fields {
  std::string type, user_id, anonymous_id, previous_id, group_id, event;
  std::string name, category, message_id, timestamp, original_timestamp;
  std::string properties, traits, context_traits;
};

Status TakeField(std::string_view key, ondemand::value value, Fields* f) {
  if (key == "userId") return TakeId(key, value, &f->user_id);
  if (key == "anonymousId") return TakeId(key, value, &f->anonymous_id);
  if (key == "previousId") return TakeId(key, value, &f->previous_id);
  if (key == "groupId") return TakeId(key, value, &f->group_id);
  if (key == "messageId") return TakeId(key, value, &f->message_id);
  if (key == "timestamp") return TakeId(key, value, &f->timestamp);
  if (key == "originalTimestamp") {
    return TakeId(key, value, &f->original_timestamp);
  }
  if (key == "type") return TakeText(key, value, &f->type);
  if (key == "event") return TakeText(key, value, &f->event);
  if (key == "name") return TakeText(key, value, &f->name);
  if (key == "category") return TakeText(key, value, &f->category);
  if (key == "properties") return TakeObject(key, value, &f->properties);
  if (key == "traits") return TakeObject(key, value, &f->traits);
  if (key == "context") return TakeContext(value, &f->context_traits);
  return {};
}

// Calls f(key, value) for each field; the first refusal ends it.
template <class F>
Status ForEachField(ondemand::document& document, F&& f) {
  ondemand::object object;
  if (document.get_object().get(object)) return Refuse("not a JSON object");
  for (auto entry : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(entry).get(field) || field.unescaped_key().get(key)) {
      return Refuse("not valid JSON");
    }
    if (Status s = f(key, field.value()); !s) return s;
  }
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

tl::unexpected<Error> UnknownType(const std::string& type) {
  const std::vector<std::string> types = {"track",    "page",  "screen",
                                          "identify", "group", "alias"};
  if (type.empty()) {
    return Refuse("type is missing; expected " + OneOf(types));
  }
  std::string near = ClosestWord(type, types);
  return Refuse("unknown type \"" + type + "\"; " +
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
std::string WithProperty(const std::string& properties, std::string_view key,
                         const std::string& value) {
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

Status FillEvent(Fields& f, Message* message) {
  if (f.type == "track") {
    if (Status s = CheckFilled("event", f.event); !s) return s;
    message->event = std::move(f.event);
    message->properties = std::move(f.properties);
    return {};
  }
  message->event = f.type;
  message->properties = WithProperty(
      WithProperty(f.properties, "category", f.category), "name", f.name);
  return {};
}

Result<Moment> TimeOf(const Fields& f, MessageKind kind,
                      const Calendar& calendar, Instant now) {
  if (!f.timestamp.empty()) {
    return ReadMoment("timestamp", f.timestamp, calendar);
  }
  if (!f.original_timestamp.empty()) {
    return ReadMoment("originalTimestamp", f.original_timestamp, calendar);
  }
  if (kind == MessageKind::kEvent) return Refuse("timestamp is missing");
  return Moment{now, calendar.DayOf(now), false};
}

Result<Message> ToMessage(Fields f, const Calendar& calendar, Instant now) {
  std::optional<MessageKind> kind = KindOf(f.type);
  if (!kind) return UnknownType(f.type);
  if (Status s = CheckIds(*kind, f); !s) return Pass(s.error());
  Message message;
  message.kind = *kind;
  if (*kind == MessageKind::kEvent) {
    if (Status s = FillEvent(f, &message); !s) return Pass(s.error());
  }
  Result<Moment> when = TimeOf(f, *kind, calendar, now);
  if (!when) return Pass(when.error());
  message.when = *when;
  message.user_id = std::move(f.user_id);
  message.anonymous_id = std::move(f.anonymous_id);
  message.message_id = std::move(f.message_id);
  if (*kind == MessageKind::kAlias) {
    message.previous_id = std::move(f.previous_id);
  }
  if (*kind == MessageKind::kIdentify) {
    message.traits =
        f.traits.empty() ? std::move(f.context_traits) : std::move(f.traits);
  }
  return message;
}

Status CheckEmailText(std::string_view raw) {
  if (raw == "null") return {};
  bool quoted = raw.starts_with('"');
  return CheckEmail(quoted ? raw.substr(1, raw.size() - 2) : raw);
}

Status TakeUserField(std::string_view key, ondemand::value value,
                     Engine::UserRow* row) {
  if (key == "user_id") return TakeId(key, value, &row->user_id);
  Result<std::string_view> raw = RawText(value);
  if (!raw) return Pass(raw.error());
  if (key.starts_with(kConsent)) {
    if (key == kConsent) return Refuse("consent. must name a topic");
    Result<bool> granted = ReadBool(key, *raw);
    if (!granted) return Pass(granted.error());
    row->consents.emplace_back(key.substr(kConsent.size()), *granted);
    return {};
  }
  if (key == "email") {
    if (Status s = CheckEmailText(*raw); !s) return s;
  }
  std::string& json = row->json_object;
  json += json.empty() ? '{' : ',';
  AppendJsonString(&json, key);
  json += ':';
  json += *raw;
  return {};
}

}  // namespace

struct JsonRowReader::Impl {
  Calendar calendar;
  JsonObjectReader json;

  // An object read by `json` as a message.
  Result<Message> TakeMessage(ondemand::document& document, Instant now) {
    Fields fields;
    Status taken = ForEachField(
        document, [&](std::string_view key, ondemand::value value) {
          return TakeField(key, value, &fields);
        });
    if (!taken) return Pass(taken.error());
    return ToMessage(std::move(fields), calendar, now);
  }

  Result<InputRow> TakeIdentify(ondemand::document& document, Instant now) {
    if (document.find_field_unordered("type").error()) {
      return Refuse("user_id is missing");
    }
    document.rewind();
    Result<Message> message = TakeMessage(document, now);
    if (!message) return Pass(message.error());
    if (message->kind == MessageKind::kIdentify) return *message;
    return Refuse("not an identify message; import it as an event");
  }

  Result<InputRow> TakeUser(ondemand::document& document) {
    Engine::UserRow row;
    Status taken = ForEachField(
        document, [&](std::string_view key, ondemand::value value) {
          return TakeUserField(key, value, &row);
        });
    if (!taken) return Pass(taken.error());
    if (Status s = CheckFilled("user_id", row.user_id); !s) {
      return Pass(s.error());
    }
    row.json_object += row.json_object.empty() ? "{}" : "}";
    return row;
  }
};

JsonRowReader::JsonRowReader(const Calendar& calendar)
    : impl_(std::make_unique<Impl>(Impl{calendar, {}})) {}
JsonRowReader::~JsonRowReader() = default;

Result<Message> JsonRowReader::ReadMessage(std::string_view json, Instant now) {
  Result<ondemand::document*> document = impl_->json.Read(json);
  if (!document) return Pass(document.error());
  return impl_->TakeMessage(**document, now);
}

Result<InputRow> JsonRowReader::ReadUser(std::string_view json, Instant now) {
  Result<ondemand::document*> document = impl_->json.Read(json);
  if (!document) return Pass(document.error());
  bool plain = !(*document)->find_field_unordered("user_id").error();
  (*document)->rewind();
  return plain ? impl_->TakeUser(**document)
               : impl_->TakeIdentify(**document, now);
}

}  // namespace rekindle

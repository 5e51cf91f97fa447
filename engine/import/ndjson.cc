#include "engine/import/ndjson.h"

#include <string>
#include <utility>

#include "config/base/json_reader.h"
#include "config/base/json_text.h"
#include "engine/intake/cells.h"
#include "engine/intake/message_json.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;

Status TakeUserField(std::string_view key, ondemand::value value,
                     Engine::UserRow* row) {
  if (key == "user_id") {
    std::string_view id;
    Status taken = TakeId(key, value, &id);
    if (taken) row->user_id = id;
    return taken;
  }
  Result<std::string_view> raw = RawText(value);
  if (!raw) return tl::make_unexpected(raw.error());
  if (key.starts_with(kConsentPrefix)) {
    if (key == kConsentPrefix) return Refuse("consent. must name a topic");
    Result<bool> granted = ReadBool(key, *raw);
    if (!granted) return tl::make_unexpected(granted.error());
    row->consents.emplace_back(key.substr(kConsentPrefix.size()), *granted);
    return {};
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
    ondemand::object object;
    if (document.get_object().get(object)) return Refuse("not a JSON object");
    return rekindle::ReadMessage(object, {.now = now}, calendar);
  }

  Result<JsonUser> TakeIdentify(ondemand::document& document, Instant now) {
    if (document.find_field_unordered("type").error()) {
      return Refuse("user_id is missing");
    }
    document.rewind();
    Result<Message> message = TakeMessage(document, now);
    if (!message) return tl::make_unexpected(message.error());
    if (message->kind == MessageKind::kIdentify) return *message;
    return Refuse("not an identify message; import it as an event");
  }

  Result<JsonUser> TakeUser(ondemand::document& document) {
    Engine::UserRow row;
    ondemand::object object;
    if (document.get_object().get(object)) return Refuse("not a JSON object");
    Status taken =
        ForEachField(object, [&](std::string_view key, ondemand::value value) {
          return TakeUserField(key, value, &row);
        });
    if (!taken) return tl::make_unexpected(taken.error());
    if (Status s = CheckFilled("user_id", row.user_id); !s) {
      return tl::make_unexpected(s.error());
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
  if (!document) return tl::make_unexpected(document.error());
  return impl_->TakeMessage(**document, now);
}

Result<JsonUser> JsonRowReader::ReadUser(std::string_view json, Instant now) {
  Result<ondemand::document*> document = impl_->json.Read(json);
  if (!document) return tl::make_unexpected(document.error());
  bool plain = !(*document)->find_field_unordered("user_id").error();
  (*document)->rewind();
  return plain ? impl_->TakeUser(**document)
               : impl_->TakeIdentify(**document, now);
}

}  // namespace rekindle

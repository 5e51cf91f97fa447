#include "daemon/intake/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/base/words.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;

// Of a message; for how many a body may hold.
constexpr size_t kLikelyBytes = 256;

struct Named {
  std::string_view name;
  CallPath call;
};
constexpr std::array<Named, 14> kCalls = {{
    {"batch", {"/v1/batch", ""}},
    {"b", {"/v1/batch", ""}},
    {"track", {"/v1/track", "track"}},
    {"t", {"/v1/track", "track"}},
    {"identify", {"/v1/identify", "identify"}},
    {"i", {"/v1/identify", "identify"}},
    {"page", {"/v1/page", "page"}},
    {"p", {"/v1/page", "page"}},
    {"screen", {"/v1/screen", "screen"}},
    {"s", {"/v1/screen", "screen"}},
    {"group", {"/v1/group", "group"}},
    {"g", {"/v1/group", "group"}},
    {"alias", {"/v1/alias", "alias"}},
    {"a", {"/v1/alias", "alias"}},
}};

Problem InvalidJson(std::string detail) {
  return {400, "invalid json", std::move(detail)};
}

// Reads what stands beside the messages. Fields of another kind than expected
// say nothing.
class Surroundings {
 public:
  explicit Surroundings(Call* call) : call_(*call) {}

  Status Take(std::string_view key, ondemand::value value) {
    std::string_view text;
    if (key == "writeKey") {
      if (!value.get_string().get(text)) call_.write_key = text;
    } else if (key == "sentAt") {
      if (TakeId(key, value, &text)) call_.sent_at = text;
    } else if (key == "context") {
      TakeTraits(value);
    } else if (key == "batch") {
      ondemand::json_type type;
      has_batch_ =
          !value.type().get(type) && type == ondemand::json_type::array;
    }
    return {};
  }
  bool has_batch() const { return has_batch_; }

 private:
  void TakeTraits(ondemand::value value) {
    ondemand::object context;
    ondemand::value traits;
    if (value.get_object().get(context) ||
        context.find_field_unordered("traits").get(traits)) {
      return;
    }
    ondemand::object object;
    std::string_view text;
    if (!traits.get_object().get(object) && !object.raw_json().get(text)) {
      call_.context_traits = text;
    }
  }

  Call& call_;
  bool has_batch_ = false;
};

// Takes the messages of a call one after the other.
class Messages {
 public:
  Messages(ondemand::document& document, const Calendar& calendar, Call* call)
      : document_(document),
        calendar_(calendar),
        call_(*call),
        frame_(call->Frame()) {
    const auto likely = std::min<size_t>(
        call->type.empty() ? 1 + call->body.size() / kLikelyBytes : 1,
        kMostMessages);
    call->messages.reserve(likely);
    call->places.reserve(likely);
  }

  void Take(ondemand::value value) {
    ++item_;
    ondemand::object object;
    if (value.get_object().get(object)) {
      Result<std::string_view> raw = RawText(value);
      Refuse(raw ? *raw : "", Refusal::kUnreadable, "not a JSON object");
    } else if (item_ > kMostMessages) {
      Refuse(Skip(object), Refusal::kSurplus,
             fmt::format("message {} of a batch; at most {} are taken", item_,
                         kMostMessages));
    } else {
      TakeObject(object, value.raw_json_token().data());
    }
  }

  int64_t count() const { return item_; }

 private:
  void TakeObject(ondemand::object object, const char* start) {
    bool clock_off = false;
    Result<Message> message =
        ReadMessage(object, frame_, calendar_, &clock_off);
    const std::string_view text = message ? Passed(start) : Skip(object);
    if (text.size() > kMostMessageBytes) {
      Refuse(text, Refusal::kTooLarge,
             fmt::format("the message is {} bytes long; at most {} are allowed",
                         text.size(), kMostMessageBytes));
    } else if (!message) {
      Refuse(text, Refusal::kUnreadable, message.error().message);
    } else {
      call_.clocks_off += clock_off;
      call_.messages.push_back(std::move(*message));
      call_.places.push_back({item_, text});
    }
  }

  // The text of an object that was read to its end.
  std::string_view Passed(const char* start) {
    const char* next;
    if (document_.current_location().get(next)) {
      // Nothing stands behind it.
      next = call_.body.data() + call_.body.size();
    }
    const std::string_view text(start, next - start);
    return text.substr(0, text.rfind('}') + 1);
  }

  // The same of one that was not, or not to its end.
  static std::string_view Skip(ondemand::object object) {
    std::string_view text;
    object.reset();
    return object.raw_json().get(text) ? std::string_view() : text;
  }

  void Refuse(std::string_view text, Refusal refusal, std::string reason) {
    call_.refused.push_back({{item_, text}, refusal, std::move(reason)});
  }

  ondemand::document& document_;
  const Calendar& calendar_;
  Call& call_;
  const MessageFrame frame_;
  int64_t item_ = 0;
};

std::optional<Problem> ReadBatch(ondemand::document& document,
                                 const Calendar& calendar, Call* call) {
  ondemand::array batch;
  if (document["batch"].get_array().get(batch)) {
    return InvalidJson("batch is not a list");
  }
  Messages messages(document, calendar, call);
  for (auto entry : batch) {
    ondemand::value value;
    if (std::move(entry).get(value)) return InvalidJson("not valid JSON");
    messages.Take(value);
    if (messages.count() > kMostMessages + kMostSurplus) {
      return Problem{413, "request size exceeds max limit",
                     fmt::format("a batch of over {} messages; at most {} are "
                                 "taken",
                                 kMostMessages + kMostSurplus, kMostMessages)};
    }
  }
  if (messages.count() == 0) {
    return Problem{400, "empty batch payload", "the batch holds no message"};
  }
  return std::nullopt;
}

std::optional<Problem> ReadSingle(ondemand::document& document,
                                  const Calendar& calendar, Call* call) {
  if (call->body.size() > kMostMessageBytes) {
    return Problem{413, "request size exceeds max limit",
                   fmt::format("the message is {} bytes long; at most {} are "
                               "allowed",
                               call->body.size(), kMostMessageBytes)};
  }
  ondemand::value value;
  if (document.get_value().get(value)) return InvalidJson("not valid JSON");
  Messages(document, calendar, call).Take(value);
  return std::nullopt;
}

}  // namespace

std::string_view RefusalName(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnreadable:
      return "unreadable";
    case Refusal::kTooLarge:
      return "too_large";
    case Refusal::kSurplus:
      return "surplus";
    case Refusal::kEngine:
      return "refused";
  }
  return "";
}

MessageFrame Call::Frame() const {
  return {.now = received_at,
          .type = type,
          .sent_at = sent_at,
          .context_traits = context_traits,
          .received_at = received_at};
}

std::optional<CallPath> FindCall(std::string_view path) {
  constexpr std::string_view kVersion = "/v1/";
  if (!path.starts_with(kVersion)) return std::nullopt;
  path.remove_prefix(kVersion.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  for (const auto& [name, call] : kCalls) {
    if (path == name) return call;
  }
  return std::nullopt;
}

std::optional<Problem> CallReader::Read(const Calendar& calendar, Call* call) {
  if (Trim(call->body).empty()) {
    return Problem{400, "request body is nil", "the request has no body"};
  }
  Result<ondemand::document*> read = json_.ReadInPlace(call->body);
  if (!read) return InvalidJson(read.error().message);
  ondemand::document& document = **read;

  Surroundings surroundings(call);
  ondemand::object object;
  if (document.get_object().get(object)) return InvalidJson("not an object");
  Status taken =
      ForEachField(object, [&](std::string_view key, ondemand::value value) {
        return surroundings.Take(key, value);
      });
  if (!taken) return InvalidJson(taken.error().message);
  document.rewind();
  if (!call->type.empty()) {
    // A message's own sentAt and context are read with it.
    call->sent_at.clear();
    call->context_traits.clear();
    return ReadSingle(document, calendar, call);
  }
  if (!surroundings.has_batch()) {
    return Problem{400, "empty batch payload", "there is no list \"batch\""};
  }
  return ReadBatch(document, calendar, call);
}

}  // namespace rekindle

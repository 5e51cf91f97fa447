#include "daemon/intake/call_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "config/base/words.h"
#include "engine/import/repeated_texts.h"

namespace rekindle {
namespace {

static_assert(simdjson::SIMDJSON_PADDING >= JsonCursor::kPadding,
              "both read a body");

namespace ondemand = simdjson::ondemand;

// Of a message; for how many a body may hold.
constexpr size_t kLikelyBytes = 256;

Problem InvalidJson(std::string detail) {
  return {400, "invalid json", std::move(detail)};
}

// What is wrong with a message that begins there; empty: nothing.
std::string_view FaultAt(const char* begin,
                         const std::vector<JsonFault>& faults) {
  const auto found = std::lower_bound(
      faults.begin(), faults.end(), begin,
      [](const JsonFault& one, const char* at) { return one.at < at; });
  if (found == faults.end() || found->at != begin) return {};
  return found->what;
}

// Reads what stands beside the messages. Fields of another kind than expected,
// or with a fault, say nothing.
class Surroundings {
 public:
  // `has_faults`: something in the body does.
  Surroundings(Call* call, bool has_faults)
      : call_(*call), has_faults_(has_faults) {}

  // False where they cannot be read.
  bool Read(ondemand::document& document) {
    ondemand::object object;
    if (document.get_object().get(object)) return false;
    for (auto entry : object) {
      ondemand::field field;
      std::string_view key;
      if (std::move(entry).get(field)) return false;
      if (!field.unescaped_key().get(key)) Take(key, field.value());
    }
    return true;
  }

  bool has_batch() const { return has_batch_; }
  // Of the context's traits, which may be those of messages; empty: none.
  std::string_view traits_fault() const { return traits_fault_; }

 private:
  void Take(std::string_view key, ondemand::value value) {
    std::string_view text;
    if (key == "writeKey") {
      if (!value.get_string().get(text)) call_.write_key = text;
    } else if (key == "sentAt") {
      if (TakeTime(key, value, &text)) call_.sent_at = text;
    } else if (key == "context") {
      TakeTraits(value);
    } else if (key == "batch") {
      ondemand::json_type type;
      has_batch_ =
          !value.type().get(type) && type == ondemand::json_type::array;
    }
  }

  void TakeTraits(ondemand::value value) {
    ondemand::object context;
    ondemand::value traits;
    if (value.get_object().get(context) ||
        context.find_field_unordered("traits").get(traits)) {
      return;
    }
    ondemand::object object;
    std::string_view text;
    if (traits.get_object().get(object) || object.raw_json().get(text)) return;
    call_.context_traits = text;
    if (!has_faults_) return;
    const auto read = JsonObjectReader().Read(text);
    traits_fault_ = read ? "" : read.error().message;
  }

  Call& call_;
  const bool has_faults_;
  bool has_batch_ = false;
  std::string traits_fault_;
};

// A call of nothing but usual messages.
class UsualCall {
 public:
  UsualCall(Call* call, std::vector<UsualTrack>* tracks)
      : call_(*call), json_(call->body), tracks_(*tracks) {
    tracks_.clear();
    places_.reserve(1 + call->body.size() / kLikelyBytes);
  }

  // False where it is any other.
  bool Read(const Calendar& calendar) {
    const bool read =
        call_.type.empty()
            ? json_.TakeObject(
                  [this](std::string_view key) { return TakeBeside(key); })
            : call_.body.size() <= kMostMessageBytes && TakeMessage();
    return read && !tracks_.empty() && json_.EndsWell() && Date(calendar);
  }

  void Fill() {
    call_.write_key = write_key_;
    call_.sent_at = sent_at_;
    call_.clocks_off = clocks_off_;
    call_.messages.reserve(tracks_.size());
    RepeatedTexts names;
    for (const UsualTrack& track : tracks_) {
      MessageView& message = call_.messages.emplace_back(track.message);
      message.event = names.FirstOf(message.event);
    }
    call_.places = std::move(places_);
  }

 private:
  bool TakeBeside(std::string_view key) {
    if (key == "batch") return tracks_.empty() && TakeBatch();
    if (key == "writeKey") return json_.TakeText(&write_key_);
    if (key == "sentAt") return json_.TakeText(&sent_at_);
    // It may hold what all messages share.
    return key != "context" && json_.SkipValue(1);
  }

  bool TakeBatch() {
    return json_.TakeList([this] { return TakeMessage(); });
  }

  bool TakeMessage() {
    constexpr int kDepth = 1;  // of its fields
    const char* const begin = json_.at();
    UsualTrack& track = tracks_.emplace_back();
    if (tracks_.size() > kMostMessages ||
        !ReadUsualTrack(json_, call_.type, kDepth, &track)) {
      return false;
    }
    const std::string_view text(begin,
                                static_cast<size_t>(json_.passed() - begin));
    places_.push_back({static_cast<int64_t>(tracks_.size()), text});
    return text.size() <= kMostMessageBytes;
  }

  // What they share may stand behind them.
  bool Date(const Calendar& calendar) {
    MessageFrame frame = call_.Frame();
    frame.sent_at = sent_at_;
    for (UsualTrack& track : tracks_) {
      if (track.times.sent_at.empty()) track.times.sent_at = sent_at_;
      bool clock_off = false;
      const Result<Moment> when =
          TimeOf(track.times, MessageKind::kEvent, frame, calendar, &clock_off);
      if (!when) return false;
      track.message.when = *when;
      clocks_off_ += clock_off;
    }
    return true;
  }

  Call& call_;
  JsonCursor json_;
  std::vector<UsualTrack>& tracks_;
  std::vector<MessagePlace> places_;
  std::string_view write_key_, sent_at_;
  int64_t clocks_off_ = 0;
};

// What keeps messages out before they are read.
struct Faults {
  const std::vector<JsonFault>& of_messages;
  std::string_view of_traits;  // of the batch's context
};

// Takes the messages of a call one after the other.
class Messages {
 public:
  Messages(ondemand::document& document, const Calendar& calendar,
           const Faults& faults, Call* call)
      : document_(document),
        calendar_(calendar),
        faults_(faults),
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
    Result<Message> message = Read(object, start, &clock_off);
    const std::string_view text = message ? Passed(start) : Skip(object);
    if (text.size() > kMostMessageBytes) {
      Refuse(text, Refusal::kTooLarge,
             fmt::format("the message is {} bytes long; at most {} are allowed",
                         text.size(), kMostMessageBytes));
    } else if (!message) {
      Refuse(text, Refusal::kUnreadable, message.error().message);
    } else {
      call_.clocks_off += clock_off;
      call_.messages.emplace_back(call_.kept.emplace_back(std::move(*message)));
      call_.places.push_back({item_, text});
    }
  }

  Result<Message> Read(ondemand::object object, const char* start,
                       bool* clock_off) const {
    const std::string_view fault = FaultAt(start, faults_.of_messages);
    if (!fault.empty()) return Fail(ErrorKind::kUsage, std::string(fault));
    Result<Message> message = ReadMessage(object, frame_, calendar_, clock_off);
    if (message && !faults_.of_traits.empty() && !message->traits.empty() &&
        message->traits == frame_.context_traits) {
      return Fail(ErrorKind::kUsage, std::string(faults_.of_traits));
    }
    return message;
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
    if (object.raw_json().get(text)) return {};
    return text.substr(0, text.rfind('}') + 1);  // not the blanks behind it
  }

  void Refuse(std::string_view text, Refusal refusal, std::string reason) {
    call_.refused.push_back({{item_, text}, refusal, std::move(reason)});
  }

  ondemand::document& document_;
  const Calendar& calendar_;
  const Faults& faults_;
  Call& call_;
  const MessageFrame frame_;
  int64_t item_ = 0;
};

std::optional<Problem> ReadBatch(ondemand::document& document,
                                 const Calendar& calendar, const Faults& faults,
                                 Call* call) {
  ondemand::array batch;
  if (document["batch"].get_array().get(batch)) {
    return InvalidJson("batch is not a list");
  }
  Messages messages(document, calendar, faults, call);
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
                                  const Calendar& calendar,
                                  const Faults& faults, Call* call) {
  if (call->body.size() > kMostMessageBytes) {
    return Problem{413, "request size exceeds max limit",
                   fmt::format("the message is {} bytes long; at most {} are "
                               "allowed",
                               call->body.size(), kMostMessageBytes)};
  }
  ondemand::value value;
  if (document.get_value().get(value)) return InvalidJson("not valid JSON");
  Messages(document, calendar, faults, call).Take(value);
  return std::nullopt;
}

}  // namespace

std::optional<Problem> CallReader::Read(const Calendar& calendar, Call* call) {
  if (Trim(call->body).empty()) {
    return Problem{400, "request body is nil", "the request has no body"};
  }
  UsualCall usual(call, &tracks_);
  if (usual.Read(calendar)) {
    usual.Fill();
    return std::nullopt;
  }
  Result<ondemand::document*> read = json_.ReadItemsInPlace(
      call->body, call->type.empty() ? "batch" : "", &faults_);
  if (!read) return InvalidJson(read.error().message);
  ondemand::document& document = **read;

  Surroundings surroundings(call, !faults_.empty());
  if (!surroundings.Read(document)) return InvalidJson("not valid JSON");
  document.rewind();
  const Faults faults{faults_, surroundings.traits_fault()};
  if (!call->type.empty()) {
    // A message's own sentAt and context are read with it.
    call->sent_at.clear();
    call->context_traits.clear();
    return ReadSingle(document, calendar, faults, call);
  }
  if (!surroundings.has_batch()) {
    return Problem{400, "empty batch payload", "there is no list \"batch\""};
  }
  return ReadBatch(document, calendar, faults, call);
}

}  // namespace rekindle

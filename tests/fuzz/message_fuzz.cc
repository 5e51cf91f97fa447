// Calls of the tracking API, as the HTTP intake reads them: any body is refused
// in words, or each of its messages is taken or refused with a reason. Each,
// written out as a line by itself, is read again as the same, or refused again
// for the same.
#include <algorithm>
#include <string>
#include <vector>

#include "daemon/intake/call_reader.h"
#include "engine/intake/track_reader.h"
#include "tests/fuzz/fuzz.h"

namespace rekindle {
namespace {

using fuzz::Require;

const Calendar& Utc() {
  static const Calendar calendar = Calendar::Utc();
  return calendar;
}

const Instant kNow = FromMillis(1772359200000);

// With room behind it for those who read ahead.
std::string Padded(std::string_view text) {
  std::string padded;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded += text;
  return padded;
}

void RequireSame(const MessageView& a, const MessageView& b) {
  Require(a.kind == b.kind, "the kind stays");
  Require(a.user_id == b.user_id && a.anonymous_id == b.anonymous_id &&
              a.previous_id == b.previous_id,
          "the ids stay");
  Require(a.event == b.event, "the event stays");
  Require(a.when.at == b.when.at && a.when.day == b.when.day &&
              a.when.by_day == b.when.by_day,
          "the time stays");
  Require(a.id == b.id, "the message id stays");
  Require(a.properties == b.properties, "the properties stay");
  Require(a.traits == b.traits, "the traits stay");
}

Result<Message> ReadLine(const std::string& line) {
  static JsonObjectReader reader;
  auto document = reader.Read(line);
  if (!document) return tl::make_unexpected(document.error());
  simdjson::ondemand::object object;
  if ((*document)->get_object().get(object)) {
    return Fail(ErrorKind::kUsage, "not a JSON object");
  }
  return ReadMessage(object, {.now = kNow}, Utc());
}

// Both ways to read a line mean the same.
void RequireOneMeaning(std::string_view text) {
  MessageView usual;
  const std::string line = Padded(text);
  if (!ReadUsualLine(line, Utc(), &usual)) return;
  const Result<Message> any = ReadLine(line);
  Require(any.has_value(), "what is usual is right");
  RequireSame(usual, *any);
}

// A time of arrival that a message names itself stands for the call's only
// where it can be read, which a line cannot say.
bool NamesItsArrival(std::string_view text) {
  // The key's letters may be written as \u00..
  return text.find("receivedAt") != text.npos ||
         text.find("\\u00") != text.npos;
}

void RequireTakenAgain(const MessageView& message, std::string_view text,
                       const MessageFrame& frame) {
  const Result<Message> again = ReadLine(WithFrame(text, frame));
  Require(again.has_value(), "what was taken is taken again");
  RequireSame(message, *again);
}

void RequireRefusedAgain(const RefusedMessage& refused,
                         const MessageFrame& frame) {
  if (refused.refusal != Refusal::kUnreadable) return;
  const Result<Message> again = ReadLine(WithFrame(refused.place.text, frame));
  Require(!again, "what was refused is refused again");
  Require(again.error().message == refused.reason, "the reason stays");
}

// Each message of the call is either.
void RequireEach(const Call& call) {
  std::vector<int64_t> items;
  for (const MessagePlace& place : call.places) items.push_back(place.item);
  for (const RefusedMessage& one : call.refused) {
    Require(!one.reason.empty(), "a refused message has its reason");
    Require(simdjson::validate_utf8(one.reason), "a reason is UTF-8");
    items.push_back(one.place.item);
  }
  Require(call.messages.size() == call.places.size(), "a place a message");
  Require(!items.empty(), "a call holds a message");
  std::sort(items.begin(), items.end());
  for (size_t i = 0; i < items.size(); ++i) {
    Require(items[i] == static_cast<int64_t>(i) + 1, "each message is either");
  }
}

// What all messages share may be what keeps one out.
bool HasGoodTraits(const Call& call) {
  return call.context_traits.empty() ||
         JsonObjectReader().Read(call.context_traits).has_value();
}

void RequireCall(std::string_view path, std::string_view body) {
  static CallReader reader;
  Call call;
  const auto known = FindCall(path);
  Require(known.has_value(), "the paths are known");
  call.path = known->path;
  call.type = known->type;
  call.received_at = kNow;
  call.body = Padded(body);
  if (const auto problem = reader.Read(Utc(), &call)) {
    Require(problem->status == 400 || problem->status == 413, "a clear 4xx");
    Require(!problem->error.empty() && !problem->detail.empty(), "in words");
    return;
  }
  RequireEach(call);
  for (const MessagePlace& place : call.places) RequireOneMeaning(place.text);
  if (!HasGoodTraits(call)) return;
  const MessageFrame frame = call.Frame();
  for (size_t i = 0; i < call.messages.size(); ++i) {
    const std::string_view text = call.places[i].text;
    if (NamesItsArrival(text)) continue;
    RequireTakenAgain(call.messages[i], text, frame);
  }
  for (const RefusedMessage& one : call.refused) {
    if (!NamesItsArrival(one.place.text)) RequireRefusedAgain(one, frame);
  }
}

}  // namespace
}  // namespace rekindle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rekindle;
  const std::string_view body = fuzz::TextOf(data, size);
  for (const char* path : {"/v1/batch", "/v1/track", "/v1/page", "/v1/screen",
                           "/v1/identify", "/v1/group", "/v1/alias"}) {
    RequireCall(path, body);
  }
  return 0;
}

#include "channels/receipts/receipt_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "channels/adapter/answer_text.h"
#include "config/base/json_text.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

using Json = nlohmann::json;

// Longer ids are none that were ever given out.
constexpr size_t kLongestId = 200;
constexpr size_t kMostReceipts = 10'000;
constexpr int kDeepestBody = 100;  // levels of lists and objects

// A value as people would write it; empty for what is no scalar.
std::string TextOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return "";
}

std::string TextAt(const Json& item, const std::string& path) {
  const Json::json_pointer pointer(path);
  try {
    return item.contains(pointer) ? TextOf(item.at(pointer)) : "";
  } catch (const Json::exception&) {
    return "";  // an index where there is an object, and the like
  }
}

std::string FirstText(const Json& item, const FieldPaths& paths) {
  for (const std::string& path : paths) {
    if (std::string text = TextAt(item, path); !text.empty()) return text;
  }
  return "";
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string FromForm(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// `MessageSid=SM1&MessageStatus=delivered`; nothing for what is no form.
std::optional<Json> ParseForm(std::string_view body) {
  if (body.find('=') == body.npos) return std::nullopt;
  Json fields = Json::object();
  for (const std::string& pair : Split(body, '&')) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) return std::nullopt;
    fields[FromForm(std::string_view(pair).substr(0, equals))] =
        FromForm(std::string_view(pair).substr(equals + 1));
  }
  return fields;
}

Result<Json> ParseBody(std::string_view body) {
  const std::string_view text = Trim(body);
  const bool is_form =
      !text.empty() && text.front() != '{' && text.front() != '[';
  bool too_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    too_deep |= depth > kDeepestBody;
    return !too_deep;
  };
  auto parsed = is_form ? ParseForm(text) : Json::parse(text, shallow, false);
  if (too_deep) {
    return Fail(ErrorKind::kUsage,
                fmt::format("the body is over {} levels deep", kDeepestBody));
  }
  if (!parsed || parsed->is_discarded()) {
    return Fail(ErrorKind::kUsage, "the body is neither JSON nor a form");
  }
  return *std::move(parsed);
}

// What the item says became of the message, or why that cannot be told; nothing
// where it is passed over.
std::optional<Result<ReceiptState>> StateOf(const ReceiptSettings& settings,
                                            const Json& item) {
  std::vector<std::string> words;
  for (const std::string& path : settings.state) {
    std::string word = TextAt(item, path);
    if (word.empty()) break;
    words.push_back(std::move(word));
  }
  if (words.empty()) return Fail(ErrorKind::kUsage, "there is no state");
  if (!settings.events) {
    if (auto state = ParseReceiptState(words.front())) return *state;
    return Fail(ErrorKind::kUsage,
                "unknown state \"" + words.front() + "\"" +
                    Suggestion(words.front(), ReceiptStateNames()));
  }
  for (; !words.empty(); words.pop_back()) {
    const auto found = settings.events->find(Join(words, "/"));
    if (found != settings.events->end()) return found->second;
  }
  return std::nullopt;
}

// A bounce that is not for ever says nothing against the address; a message
// that did not arrive since there is no such address is a bounce.
ReceiptState WithClass(ReceiptState state, const std::string& outcome_class) {
  if (outcome_class.empty()) return state;
  const bool dead = outcome_class == "R" || outcome_class == "dead_recipient";
  if (state == ReceiptState::kBounced && !dead) {
    return ReceiptState::kUndelivered;
  }
  if (state == ReceiptState::kUndelivered && dead) {
    return ReceiptState::kBounced;
  }
  return state;
}

Instant TimeOf(const std::string& text, Instant now) {
  // Fractions of unix seconds do not matter.
  const bool unix_time =
      !text.empty() && text.find_first_not_of("0123456789.") == text.npos;
  const auto moment = Calendar::Utc().ParseMoment(
      unix_time ? text.substr(0, text.find('.')) : text);
  return moment ? std::min(moment->at, now) : now;
}

std::string IdAt(const Json& item, const FieldPaths& paths) {
  std::string id = FirstText(item, paths);
  return id.size() > kLongestId ? "" : id;
}

class Reader {
 public:
  Reader(const ReceiptSettings& settings, const std::string& channel,
         Instant now, const std::string& about)
      : settings_(settings), channel_(channel), now_(now), about_(about) {}

  void Take(const Json& item) {
    const auto state = StateOf(settings_, item);
    if (!state) {
      ++read.passed_over;
    } else if (!*state) {
      Refuse(item, state->error().message);
    } else {
      TakeState(item, **state);
    }
  }

  ReadReceipts read;

 private:
  void TakeState(const Json& item, ReceiptState state) {
    Receipt receipt;
    receipt.channel = channel_;
    receipt.touch_id = IdAt(item, settings_.touch_id);
    receipt.provider_id = IdAt(item, settings_.id);
    if (receipt.touch_id.empty() && receipt.provider_id.empty()) {
      receipt.touch_id = about_;
    }
    if (receipt.touch_id.empty() && receipt.provider_id.empty()) {
      return Refuse(item, "it names neither a touch nor a message");
    }
    receipt.state = WithClass(state, FirstText(item, settings_.outcome_class));
    receipt.recipient = IdAt(item, settings_.recipient);
    const std::vector<std::string_view> hide = {receipt.recipient};
    receipt.code = AnswerText(FirstText(item, settings_.code), hide);
    receipt.detail = AnswerText(FirstText(item, settings_.detail), hide);
    receipt.at = TimeOf(FirstText(item, settings_.at), now_);
    read.receipts.push_back(std::move(receipt));
  }

  void Refuse(const Json& item, std::string reason) {
    read.refused.push_back({JsonText(item), std::move(reason)});
  }

  const ReceiptSettings& settings_;
  const std::string& channel_;
  const Instant now_;
  const std::string& about_;
};

}  // namespace

Result<ReadReceipts> ReadReceiptBody(const ReceiptSettings& settings,
                                     const std::string& channel,
                                     std::string_view body, Instant now,
                                     const std::string& about) {
  const Result<Json> parsed = ParseBody(body);
  if (!parsed) return tl::make_unexpected(parsed.error());
  const Json* items = &*parsed;
  if (!settings.items.empty()) {
    const Json::json_pointer pointer(settings.items);
    bool there = false;
    try {
      there = parsed->contains(pointer);
    } catch (const Json::exception&) {
    }
    if (!there) {
      return Fail(ErrorKind::kUsage, "there is nothing at " + settings.items);
    }
    items = &parsed->at(pointer);
    if (items->is_null()) return ReadReceipts();  // as some put an empty list
  }
  Reader reader(settings, channel, now, about);
  if (items->is_object()) {
    reader.Take(*items);
  } else if (!items->is_array()) {
    return Fail(ErrorKind::kUsage, "there is neither a receipt nor a list");
  } else if (items->size() > kMostReceipts) {
    return Fail(ErrorKind::kUsage, "over 10000 receipts; send fewer at a time");
  } else {
    for (const Json& item : *items) reader.Take(item);
  }
  return std::move(reader.read);
}

}  // namespace rekindle

#include "config/base/json_reader.h"

#include <algorithm>
#include <cctype>

#include "config/base/json_text.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;
using simdjson::error_code;

std::string_view Stripped(std::string_view token) {
  size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// REQUIRES: behind the quote that opens a string, which has its end.
bool HasKnownEscapes(const char* at) {
  constexpr std::string_view kEscaped = "\"\\/bfnrtu";
  constexpr size_t kHexDigits = 4;
  for (; *at != '"'; ++at) {
    if (*at != '\\') continue;
    ++at;
    if (kEscaped.find(*at) == kEscaped.npos) return false;
    if (*at != 'u') continue;
    for (size_t i = 0; i < kHexDigits; ++i) {
      if (!std::isxdigit(static_cast<unsigned char>(*++at))) return false;
    }
  }
  return true;
}

// Digits at the front; at least one.
bool DropDigits(std::string_view* token) {
  const size_t digits =
      std::min(token->find_first_not_of("0123456789"), token->size());
  token->remove_prefix(digits);
  return digits > 0;
}

bool DropOneOf(std::string_view* token, std::string_view characters) {
  const bool found =
      !token->empty() && characters.find(token->front()) != characters.npos;
  if (found) token->remove_prefix(1);
  return found;
}

bool IsNumber(std::string_view token) {
  DropOneOf(&token, "-");
  if (!DropOneOf(&token, "0") && !DropDigits(&token)) return false;
  if (DropOneOf(&token, ".") && !DropDigits(&token)) return false;
  if (DropOneOf(&token, "eE")) {
    DropOneOf(&token, "+-");
    if (!DropDigits(&token)) return false;
  }
  return token.empty();
}

// Of an object or a list that is too deep to be walked: its brackets are those
// that they should be, and its levels not more than any message can have.
error_code CheckBrackets(std::string_view text) {
  constexpr size_t kMostLevels = 16 << 10;
  std::string open;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) {
      i += c == '\\';
    } else if (c == '{' || c == '[') {
      if (open.size() == kMostLevels) return simdjson::DEPTH_ERROR;
      open += c;
    } else if (c == '}' || c == ']') {
      if (!open.ends_with(c == '}' ? '{' : '[')) return simdjson::TAPE_ERROR;
      open.pop_back();
    }
  }
  return simdjson::SUCCESS;
}

std::string WhatIsWrong(error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return "not UTF-8 text";
    case simdjson::STRING_ERROR:
      return "a text holds half of a surrogate pair";
    case simdjson::NUMBER_ERROR:
      return "a number is too large";
    case simdjson::DEPTH_ERROR:
      return "JSON nested deeper than " + std::to_string(kDeepestJson) +
             " levels";
    case simdjson::INCORRECT_TYPE:
      return "not a JSON object";
    case simdjson::TRAILING_CONTENT:
      return "text after the JSON object";
    default:
      return "not valid JSON";
  }
}

tl::unexpected<Error> Refuse(error_code code) {
  return Fail(ErrorKind::kUsage, WhatIsWrong(code));
}

// Visits a value and everything in it, since what is skipped unvisited is not
// checked by the parser. `depth` is that of what holds the value.
//
// Of the codes it ends with, three are faults (JsonFault) of something that is
// JSON: STRING_ERROR, NUMBER_ERROR and DEPTH_ERROR.
class Walk {
 public:
  // A fault is put down where there is a place for it, and ends the walk where
  // there is none.
  explicit Walk(std::vector<JsonFault>* faults) : faults_(faults) {}

  // An object that is an item as a whole, or, where faults end the walk, none.
  error_code Item(ondemand::value value) {
    begin_ = value.raw_json_token().data();
    any_depth_ = true;
    return Value(value, 0);
  }

  // An object that holds a list of items.
  error_code ItemsOf(ondemand::value value, std::string_view list) {
    return EachField(value, [&](std::string_view key, ondemand::value field) {
      const error_code e = FieldWith(list, key, field);
      begin_ = nullptr;
      return e;
    });
  }

 private:
  error_code FieldWith(std::string_view list, std::string_view key,
                       ondemand::value field) {
    json_type type;
    if (auto e = field.type().get(type)) return e;
    if (key == list && type == json_type::array) {
      return EachItem(field,
                      [this](ondemand::value item) { return Item(item); });
    }
    begin_ = field.raw_json_token().data();
    any_depth_ = false;
    return Value(field, 1);
  }

  error_code Value(ondemand::value value, int depth) {
    json_type type;
    if (auto e = value.type().get(type)) return e;
    const bool nests = type == json_type::object || type == json_type::array;
    if (nests && depth >= kDeepestJson) return TooDeep(value);
    if (type == json_type::object) {
      return EachField(value, [&](std::string_view, ondemand::value field) {
        return Value(field, depth + 1);
      });
    }
    if (type == json_type::array) {
      return EachItem(
          value, [&](ondemand::value item) { return Value(item, depth + 1); });
    }
    return Scalar(value, type);
  }

  // f(key, value); a key with a fault is empty.
  template <class F>
  error_code EachField(ondemand::value value, F&& f) {
    ondemand::object object;
    if (auto e = value.get_object().get(object)) return e;
    for (auto entry : object) {
      ondemand::field field;
      if (auto e = std::move(entry).get(field)) return e;
      const char* const written = field.key().raw();
      std::string_view key;
      if (auto e = field.unescaped_key().get(key)) {
        if ((e = TextFault(e, written))) return e;
        key = {};
      }
      if (auto e = f(key, field.value())) return e;
    }
    return simdjson::SUCCESS;
  }

  template <class F>
  error_code EachItem(ondemand::value value, F&& f) {
    ondemand::array array;
    if (auto e = value.get_array().get(array)) return e;
    for (auto entry : array) {
      ondemand::value item;
      if (auto e = std::move(entry).get(item)) return e;
      if (auto e = f(item)) return e;
    }
    return simdjson::SUCCESS;
  }

  error_code Scalar(ondemand::value value, json_type type) {
    std::string_view text;
    ondemand::number number;
    bool truth;
    switch (type) {
      case json_type::string: {
        const error_code e = value.get_string().get(text);
        return e ? TextFault(e, value.raw_json_token().data() + 1) : e;
      }
      case json_type::number: {
        const std::string_view token = Stripped(value.raw_json_token());
        if (IsWholeNumber(token)) return simdjson::SUCCESS;
        const error_code e = value.get_number().get(number);
        if (!e) return e;
        return IsNumber(token) ? PutDown(simdjson::NUMBER_ERROR)
                               : simdjson::TAPE_ERROR;
      }
      case json_type::boolean:
        return value.get_bool().get(truth);
      default:
        if (auto e = value.is_null().get(truth)) return e;
        return truth ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
  }

  // Of a string that cannot be unescaped.
  error_code TextFault(error_code error, const char* behind_quote) {
    if (error != simdjson::STRING_ERROR) return error;
    return HasKnownEscapes(behind_quote) ? PutDown(error)
                                         : simdjson::TAPE_ERROR;
  }

  error_code TooDeep(ondemand::value value) {
    if (faults_ == nullptr || !any_depth_) return simdjson::DEPTH_ERROR;
    const Result<std::string_view> text = RawText(value);
    if (!text) return simdjson::TAPE_ERROR;
    if (auto e = CheckBrackets(*text)) return e;
    return PutDown(simdjson::DEPTH_ERROR);
  }

  error_code PutDown(error_code fault) {
    if (faults_ == nullptr) return fault;
    if (begin_ == nullptr) return simdjson::SUCCESS;
    if (!faults_->empty() && faults_->back().at == begin_) {
      return simdjson::SUCCESS;
    }
    if (faults_->size() == kMostFaults) return fault;
    faults_->push_back({begin_, WhatIsWrong(fault)});
    return simdjson::SUCCESS;
  }

  // More than any call has messages.
  static constexpr size_t kMostFaults = 32 << 10;

  std::vector<JsonFault>* const faults_;
  // Of what is walked: an item, or a value beside the list. Nothing: a key that
  // stands beside it.
  const char* begin_ = nullptr;
  bool any_depth_ = false;  // it may be too deep
};

error_code WalkDocument(ondemand::document& document, std::string_view list,
                        std::vector<JsonFault>* faults) {
  json_type type;
  if (auto e = document.type().get(type)) return e;
  if (type != json_type::object) return simdjson::INCORRECT_TYPE;
  ondemand::value root;
  if (auto e = document.get_value().get(root)) return e;
  Walk walk(faults);
  const error_code walked =
      list.empty() ? walk.Item(root) : walk.ItemsOf(root, list);
  // What a misspelt value gives; the root's type is right by now.
  if (walked == simdjson::INCORRECT_TYPE) return simdjson::TAPE_ERROR;
  if (walked != simdjson::SUCCESS) return walked;
  // The parser knows no place behind the last token.
  const char* rest;
  bool at_end = document.current_location().get(rest) != simdjson::SUCCESS;
  return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

}  // namespace

Result<ondemand::document*> JsonObjectReader::Read(std::string_view text) {
  padded_.clear();
  padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(text);
  return ReadInPlace(padded_);
}

Result<ondemand::document*> JsonObjectReader::ReadInPlace(
    const std::string& text) {
  return ReadChecked(text, {}, nullptr);
}

Result<ondemand::document*> JsonObjectReader::ReadItemsInPlace(
    const std::string& text, std::string_view key,
    std::vector<JsonFault>* faults) {
  faults->clear();
  return ReadChecked(text, key, faults);
}

Result<ondemand::document*> JsonObjectReader::ReadChecked(
    const std::string& text, std::string_view key,
    std::vector<JsonFault>* faults) {
  error_code code = parser_
                        .iterate(text.data(), text.size(),
                                 text.size() + simdjson::SIMDJSON_PADDING)
                        .get(document_);
  if (code == simdjson::SUCCESS) code = WalkDocument(document_, key, faults);
  if (code != simdjson::SUCCESS) return Refuse(code);
  document_.rewind();
  return &document_;
}

Result<std::string_view> RawText(ondemand::value value) {
  ondemand::json_type type;
  std::string_view text;
  error_code code = value.type().get(type);
  if (code != simdjson::SUCCESS) return Refuse(code);
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    code = value.get_object().get(object);
    if (code == simdjson::SUCCESS) code = object.raw_json().get(text);
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    code = value.get_array().get(array);
    if (code == simdjson::SUCCESS) code = array.raw_json().get(text);
  } else {
    text = value.raw_json_token();
  }
  if (code != simdjson::SUCCESS) return Refuse(code);
  return Stripped(text);
}

}  // namespace rekindle

#include "engine/intake/json_text.h"

namespace rekindle {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;
using simdjson::error_code;

// Digits only, after an optional sign: of any length.
bool IsWholeNumber(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (token.empty() || (token[0] == '0' && token.size() > 1)) return false;
  return token.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view Stripped(std::string_view token) {
  size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Visits a value and everything in it, since what is skipped unvisited is not
// checked by the parser. `depth` is that of what holds the value.
class Walk {
 public:
  error_code Value(ondemand::value value, int depth) const {
    json_type type;
    if (auto e = value.type().get(type)) return e;
    const bool nests = type == json_type::object || type == json_type::array;
    if (nests && depth >= kDeepestJson) return simdjson::DEPTH_ERROR;
    if (type == json_type::object) return Object(value, depth + 1);
    if (type == json_type::array) return Array(value, depth + 1);
    return Scalar(value, type);
  }

 private:
  error_code Object(ondemand::value value, int depth) const {
    ondemand::object object;
    if (auto e = value.get_object().get(object)) return e;
    for (auto entry : object) {
      ondemand::field field;
      if (auto e = std::move(entry).get(field)) return e;
      std::string_view key;
      if (auto e = field.unescaped_key().get(key)) return e;
      if (auto e = Value(field.value(), depth)) return e;
    }
    return simdjson::SUCCESS;
  }

  error_code Array(ondemand::value value, int depth) const {
    ondemand::array array;
    if (auto e = value.get_array().get(array)) return e;
    for (auto entry : array) {
      ondemand::value item;
      if (auto e = std::move(entry).get(item)) return e;
      if (auto e = Value(item, depth)) return e;
    }
    return simdjson::SUCCESS;
  }

  error_code Scalar(ondemand::value value, json_type type) const {
    std::string_view text;
    ondemand::number number;
    bool truth;
    switch (type) {
      case json_type::string:
        return value.get_string().get(text);
      case json_type::number:
        if (IsWholeNumber(Stripped(value.raw_json_token()))) {
          return simdjson::SUCCESS;
        }
        return value.get_number().get(number);
      case json_type::boolean:
        return value.get_bool().get(truth);
      default:
        if (auto e = value.is_null().get(truth)) return e;
        return truth ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
  }
};

error_code WalkDocument(ondemand::document& document) {
  json_type type;
  if (auto e = document.type().get(type)) return e;
  if (type != json_type::object) return simdjson::INCORRECT_TYPE;
  ondemand::value root;
  if (auto e = document.get_value().get(root)) return e;
  error_code walked = Walk().Value(root, 0);
  // What a misspelt value gives; the root's type is right by now.
  if (walked == simdjson::INCORRECT_TYPE) return simdjson::TAPE_ERROR;
  if (walked != simdjson::SUCCESS) return walked;
  // The parser knows no place behind the last token.
  const char* rest;
  bool at_end = document.current_location().get(rest) != simdjson::SUCCESS;
  return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

tl::unexpected<Error> Refuse(error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return Fail(ErrorKind::kUsage, "not UTF-8 text");
    case simdjson::DEPTH_ERROR:
      return Fail(ErrorKind::kUsage, "JSON nested deeper than " +
                                         std::to_string(kDeepestJson) +
                                         " levels");
    case simdjson::INCORRECT_TYPE:
      return Fail(ErrorKind::kUsage, "not a JSON object");
    case simdjson::TRAILING_CONTENT:
      return Fail(ErrorKind::kUsage, "text after the JSON object");
    default:
      return Fail(ErrorKind::kUsage, "not valid JSON");
  }
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char c = text[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, from, i - from);
    from = i + 1;
    if (c >= 0x20) {
      *out += {'\\', static_cast<char>(c)};
    } else {
      *out += {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
    }
  }
  out->append(text, from);
  *out += '"';
}

Result<ondemand::document*> JsonObjectReader::Read(std::string_view text) {
  padded_.clear();
  padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(text);
  return ReadInPlace(padded_);
}

Result<ondemand::document*> JsonObjectReader::ReadInPlace(
    const std::string& text) {
  error_code code = parser_
                        .iterate(text.data(), text.size(),
                                 text.size() + simdjson::SIMDJSON_PADDING)
                        .get(document_);
  if (code == simdjson::SUCCESS) code = WalkDocument(document_);
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

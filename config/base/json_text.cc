#include "config/base/json_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace rekindle {
namespace {

// REQUIRES: IsWholeNumber.
bool TakesOver64Bits(std::string_view digits) {
  const char* const end = digits.data() + digits.size();
  int64_t with_sign;
  uint64_t without;
  return std::from_chars(digits.data(), end, with_sign).ec != std::errc() &&
         std::from_chars(digits.data(), end, without).ec != std::errc();
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

bool IsWholeNumber(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (token.empty() || (token[0] == '0' && token.size() > 1)) return false;
  return token.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string WithLongIntegersAsTexts(std::string_view json) {
  std::string text;
  while (!json.empty()) {
    // Up to the next number, and that; strings are passed as they are.
    size_t begin = 0;
    for (bool quoted = false; begin < json.size(); ++begin) {
      const char c = json[begin];
      if (c == '"') quoted = !quoted;
      if (quoted && c == '\\') ++begin;
      if (!quoted &&
          (c == '-' || std::isdigit(static_cast<unsigned char>(c)))) {
        break;
      }
    }
    begin = std::min(begin, json.size());
    text += json.substr(0, begin);
    json.remove_prefix(begin);
    const std::string_view number =
        json.substr(0, json.find_first_not_of("0123456789+-.eE"));
    const bool long_integer = IsWholeNumber(number) && TakesOver64Bits(number);
    if (long_integer) text += '"';
    text += number;
    if (long_integer) text += '"';
    json.remove_prefix(number.size());
  }
  return text;
}

}  // namespace rekindle

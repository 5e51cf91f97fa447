#include "engine/intake/json_cursor.h"

#include <simdjson.h>

#include <cstring>

#include "engine/intake/json_text.h"

namespace rekindle {
namespace {

constexpr size_t kMostDigits = 18;

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

}  // namespace

bool JsonCursor::SkipValue(int depth) {
  SkipBlanks();
  if (at_ == end_) return false;
  switch (*at_) {
    case '"':
      return SkipString();
    case '{':
      if (depth >= kDeepestJson || !Take('{')) return false;
      if (Take('}')) return true;
      do {
        SkipBlanks();
        if (!SkipString() || !Take(':') || !SkipValue(depth + 1)) return false;
      } while (Take(','));
      return Take('}');
    case '[':
      return depth < kDeepestJson &&
             TakeList([this, depth] { return SkipValue(depth + 1); });
    case 't':
      return SkipWord("true");
    case 'f':
      return SkipWord("false");
    case 'n':
      return SkipWord("null");
    default:
      return SkipNumber();
  }
}

bool JsonCursor::SkipString() {
  if (!Take('"')) return false;
  for (;;) {
    if (!ToSpecial()) return false;
    if (*at_ == '"') break;
    if (!SkipEscape()) return false;
  }
  ++at_;
  return true;
}

bool JsonCursor::SkipEscape() {
  constexpr size_t kHexDigits = 4;
  if (*at_ != '\\' || end_ - at_ < 2) return false;
  const char kind = at_[1];
  at_ += 2;
  if (kind != 'u') {
    return kind != '\0' && std::strchr("\"\\/bfnrt", kind) != nullptr;
  }
  if (static_cast<size_t>(end_ - at_) < kHexDigits) return false;
  const std::string_view digits(at_, kHexDigits);
  at_ += kHexDigits;
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") ==
                   std::string_view::npos;
  // D800 to DFFF are surrogates.
  const bool surrogate = (digits[0] == 'd' || digits[0] == 'D') &&
                         !('0' <= digits[1] && digits[1] <= '7');
  return hex && !surrogate;
}

bool JsonCursor::SkipDigits(size_t* count) {
  const char* const begin = at_;
  while (at_ != end_ && IsDigit(*at_)) ++at_;
  *count = static_cast<size_t>(at_ - begin);
  return *count > 0;
}

bool JsonCursor::SkipNumber() {
  if (*at_ == '-') ++at_;
  const char* const begin = at_;
  size_t whole, fraction = 0;
  if (!SkipDigits(&whole) || (*begin == '0' && whole > 1)) return false;
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!SkipDigits(&fraction)) return false;
  }
  const bool exponent = at_ != end_ && (*at_ == 'e' || *at_ == 'E');
  return !exponent && whole + fraction <= kMostDigits;
}

bool JsonCursor::SkipWord(std::string_view word) {
  const std::string_view left(at_, static_cast<size_t>(end_ - at_));
  if (!left.starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool JsonCursor::EndsWell() {
  return at() == end_ &&
         (beyond_ascii_ == 0 ||
          simdjson::validate_utf8(begin_, static_cast<size_t>(end_ - begin_)));
}

}  // namespace rekindle

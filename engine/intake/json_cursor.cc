#include "engine/intake/json_cursor.h"

#include <simdjson.h>

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "config/base/json_reader.h"

namespace rekindle {
namespace {

constexpr ptrdiff_t kMostDigits = 18;

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

constexpr char kLastControl = 0x1f;

#ifdef __SSE2__

using Bytes = __m128i;

Bytes Load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const Bytes*>(at));
}
Bytes Either(Bytes a, Bytes b) { return _mm_or_si128(a, b); }
bool IsBeyondAscii(Bytes bytes) { return _mm_movemask_epi8(bytes) != 0; }
// A bit for each: quotes, backslashes, control characters.
uint64_t Specials(Bytes bytes) {
  const Bytes control = _mm_set1_epi8(kLastControl);
  return static_cast<uint32_t>(_mm_movemask_epi8(
      Either(Either(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
             _mm_cmpeq_epi8(_mm_max_epu8(bytes, control), control))));
}

#else

using Bytes = unsigned char;

Bytes Load(const char* at) { return static_cast<Bytes>(*at); }
Bytes Either(Bytes a, Bytes b) { return a | b; }
bool IsBeyondAscii(Bytes byte) { return byte >= 0x80; }
uint64_t Specials(Bytes byte) {
  return byte == '"' || byte == '\\' || byte <= kLastControl;
}

#endif

}  // namespace

const char* JsonCursor::PastValue(const char* at, int depth) {
  at = PastBlanks(at);
  if (at == end_) return nullptr;
  switch (*at) {
    case '"':
      return PastString(at);
    case '{':
      return depth < kDeepestJson ? PastObject(at, depth) : nullptr;
    case '[':
      return depth < kDeepestJson ? PastList(at, depth) : nullptr;
    case 't':
      return PastWord(at, "true");
    case 'f':
      return PastWord(at, "false");
    case 'n':
      return PastWord(at, "null");
    default:
      return PastNumber(at);
  }
}

const char* JsonCursor::PastObject(const char* at, int depth) {
  return PastItems(at, '{', '}', [this, depth](const char* member) {
    member = PastString(member);
    if (member != nullptr) member = Past(member, ':');
    return member != nullptr ? PastValue(member, depth + 1) : nullptr;
  });
}

const char* JsonCursor::PastList(const char* at, int depth) {
  return PastItems(at, '[', ']', [this, depth](const char* item) {
    return PastValue(item, depth + 1);
  });
}

inline const char* JsonCursor::PastString(const char* at) {
  at = Past(at, '"');
  while (at != nullptr) {
    at = NextSpecial(at);
    if (at == nullptr) return nullptr;
    if (*at == '"') return at + 1;
    at = PastEscape(at);
  }
  return nullptr;
}

void JsonCursor::ScanBlock(const char* at) {
  const char* const block = block_end_ + (at - block_end_) / kBlock * kBlock;
  Bytes any{};
  uint64_t specials = 0;
#pragma GCC unroll 4
  for (size_t i = 0; i < kBlock; i += sizeof(Bytes)) {
    const Bytes bytes = Load(block + i);
    any = Either(any, bytes);
    specials |= Specials(bytes) << i;
  }
  specials_ = specials;
  beyond_ascii_ |= IsBeyondAscii(any);
  block_end_ = block + kBlock;
}

const char* JsonCursor::PastEscape(const char* at) const {
  constexpr size_t kHexDigits = 4;
  if (*at != '\\' || end_ - at < 2) return nullptr;
  const char kind = at[1];
  at += 2;
  if (kind != 'u') {
    const bool known =
        kind != '\0' && std::strchr("\"\\/bfnrt", kind) != nullptr;
    return known ? at : nullptr;
  }
  if (static_cast<size_t>(end_ - at) < kHexDigits) return nullptr;
  const std::string_view digits(at, kHexDigits);
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") ==
                   std::string_view::npos;
  // D800 to DFFF are surrogates.
  const bool surrogate = (digits[0] == 'd' || digits[0] == 'D') &&
                         !('0' <= digits[1] && digits[1] <= '7');
  return hex && !surrogate ? at + kHexDigits : nullptr;
}

inline const char* JsonCursor::PastDigits(const char* at) const {
  while (at != end_ && IsDigit(*at)) ++at;
  return at;
}

const char* JsonCursor::PastNumber(const char* at) const {
  if (*at == '-') ++at;
  const char* const begin = at;
  at = PastDigits(begin);
  auto digits = at - begin;
  if (digits == 0 || (*begin == '0' && digits > 1)) return nullptr;
  if (at != end_ && *at == '.') {
    const char* const fraction = at + 1;
    at = PastDigits(fraction);
    if (at == fraction) return nullptr;
    digits += at - fraction;
  }
  const bool exponent = at != end_ && (*at == 'e' || *at == 'E');
  return !exponent && digits <= kMostDigits ? at : nullptr;
}

const char* JsonCursor::PastWord(const char* at, std::string_view word) const {
  const std::string_view left(at, static_cast<size_t>(end_ - at));
  return left.starts_with(word) ? at + word.size() : nullptr;
}

bool JsonCursor::EndsWell() {
  return at() == end_ &&
         (!beyond_ascii_ ||
          simdjson::validate_utf8(begin_, static_cast<size_t>(end_ - begin_)));
}

}  // namespace rekindle

// A walk over JSON text in one pass, for input that is read by the million.
//
// It checks what it passes, and knows the usual only: a string that is wanted
// has no escapes, a number is no longer than 18 digits and has no exponent, an
// escape is no half of a surrogate pair. At anything else, and at whatever is
// wrong, a step is false: then the text is read anew by the parser that knows
// everything (json_text.h). Where a walk gets through, both see the same.
//
// simdjson's on-demand parser finds all tokens first, then walks them, and
// built for every x86-64 its walk is the plain one: BM_ReadUsualLine and
// BM_ReadAnyLine (tests/bench, parts) compare the two.
#pragma once

#include <bit>
#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace rekindle {

class JsonCursor {
 public:
  // Bytes behind the text that can be read, whatever they hold.
  static constexpr size_t kPadding = 16;

  // REQUIRES: kPadding. The text outlives the cursor.
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  // Blanks, then the character; where it is another, only the blanks.
  bool Take(char c) {
    if (at_ == end_ || *at_ != c) {  // programs write no blanks
      SkipBlanks();
      if (at_ == end_ || *at_ != c) return false;
    }
    ++at_;
    return true;
  }
  // Blanks, then a string that stands as it is meant: a view of the text.
  bool TakeText(std::string_view* text) {
    if (!Take('"')) return false;
    const char* const begin = at_;
    if (!ToSpecial() || *at_ != '"') return false;
    *text = {begin, static_cast<size_t>(at_ - begin)};
    ++at_;
    return true;
  }
  // Any value. `depth` is that of what holds it.
  bool SkipValue(int depth);

  // An object: member(key) takes each value, and may be false, too.
  template <class Member>
  bool TakeObject(Member&& member) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      std::string_view key;
      if (!TakeText(&key) || !Take(':') || !member(key)) return false;
    } while (Take(','));
    return Take('}');
  }
  // A list: item() takes each.
  template <class Item>
  bool TakeList(Item&& item) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!item()) return false;
    } while (Take(','));
    return Take(']');
  }

  // The place of the next token.
  const char* at() {
    SkipBlanks();
    return at_;
  }
  // The place behind the last one.
  const char* passed() const { return at_; }
  // Only blanks are left, and all that was passed is UTF-8: ask at the end.
  bool EndsWell();

 private:
  void SkipBlanks() {
    while (at_ != end_ &&
           (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
      ++at_;
    }
  }
  // To the next quote, backslash or control character; false at the end.
  bool ToSpecial();
  static constexpr char kLastControl = 0x1f;

  bool SkipString();
  bool SkipEscape();
  bool SkipNumber();
  bool SkipDigits(size_t* count);
  bool SkipWord(std::string_view word);

  const char* const begin_;
  const char* at_;
  const char* const end_;
  unsigned beyond_ascii_ = 0;  // not 0: some was passed
};

// Most texts are short: a call would cost as much as the search.
#ifdef __SSE2__

inline bool JsonCursor::ToSpecial() {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(kLastControl);
  for (; at_ < end_; at_ += sizeof(__m128i)) {
    const __m128i bytes =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
                                  _mm_cmpeq_epi8(bytes, backslash)),
                     _mm_cmpeq_epi8(_mm_max_epu8(bytes, control), control));
    const auto special = static_cast<unsigned>(_mm_movemask_epi8(found));
    // Those before the first, or all of them.
    beyond_ascii_ |= static_cast<unsigned>(_mm_movemask_epi8(bytes)) &
                     ((special & -special) - 1);
    if (special != 0) {
      at_ += std::countr_zero(special);
      return at_ < end_;
    }
  }
  return false;
}

#else

inline bool JsonCursor::ToSpecial() {
  for (; at_ < end_; ++at_) {
    const auto c = static_cast<unsigned char>(*at_);
    if (c == '"' || c == '\\' || c <= kLastControl) return true;
    beyond_ascii_ |= c & 0x80;
  }
  return false;
}

#endif

}  // namespace rekindle

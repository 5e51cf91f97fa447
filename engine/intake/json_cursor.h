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

#include <cstddef>
#include <string_view>

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
    SkipBlanks();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  // Blanks, then a string that stands as it is meant: a view of the text.
  bool TakeText(std::string_view* text);
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
  bool SkipString();
  bool SkipEscape();
  bool SkipNumber();
  bool SkipDigits(size_t* count);
  bool SkipWord(std::string_view word);

  const char* const begin_;
  const char* at_;
  const char* const end_;
  bool ascii_ = true;  // so far
};

}  // namespace rekindle

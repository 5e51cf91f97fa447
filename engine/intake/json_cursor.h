// A walk over JSON text in one pass, for input that is read by the million.
//
// It checks what it passes, and knows the usual only: a string that is wanted
// has no escapes, a number is no longer than 18 digits and has no exponent, an
// escape is no half of a surrogate pair. At anything else, and at whatever is
// wrong, a step is false: then the text is read anew by the parser that knows
// everything (json_reader.h). Where a walk gets through, both see the same.
// After a step that is false there is no other one.
//
// simdjson's on-demand parser finds all tokens first, then walks them, and
// built for every x86-64 its walk is the plain one: BM_ReadUsualLine and
// BM_ReadAnyLine (tests/bench, parts) compare the two.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rekindle {

class JsonCursor {
 public:
  // Bytes behind the text that can be read, whatever they hold.
  static constexpr size_t kPadding = 64;

  // REQUIRES: kPadding. The text outlives the cursor.
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()),
        at_(begin_),
        end_(begin_ + text.size()),
        block_end_(begin_) {}

  // Blanks, then the character; where it is another, nothing.
  bool Take(char c) { return Step(Past(at_, c)); }
  // Blanks, then a string that stands as it is meant: a view of the text.
  bool TakeText(std::string_view* text) { return Step(PastText(at_, text)); }
  // Any value. `depth` is that of what holds it.
  bool SkipValue(int depth) { return Step(PastValue(at_, depth)); }

  // An object: member(key) takes each value, and may be false, too.
  template <class Member>
  bool TakeObject(Member&& member) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      std::string_view key;
      const char* const end = PastText(at_, &key);
      if (!end || !Step(Past(end, ':')) || !member(key)) return false;
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
  const char* at() { return at_ = PastBlanks(at_); }
  // The place behind the last one.
  const char* passed() const { return at_; }
  // Only blanks are left, and all that was passed is UTF-8: ask at the end.
  bool EndsWell();

 private:
  bool Step(const char* to) {
    if (to != nullptr) at_ = to;
    return to != nullptr;
  }

  // From one place to that behind something; nullptr where it does not stand
  // there. The place is handed on by value: kept in a member, each step would
  // wait for the one before to come back from memory.

  const char* PastBlanks(const char* at) const {
    while (at != end_ &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
      ++at;
    }
    return at;
  }
  // Blanks, then the character.
  const char* Past(const char* at, char c) const {
    if (at == end_ || *at != c) {  // programs write no blanks
      at = PastBlanks(at);
      if (at == end_ || *at != c) return nullptr;
    }
    return at + 1;
  }
  const char* PastText(const char* at, std::string_view* text) {
    const char* const begin = Past(at, '"');
    if (begin == nullptr) return nullptr;
    const char* const end = NextSpecial(begin);
    if (end == nullptr || *end != '"') return nullptr;
    *text = {begin, static_cast<size_t>(end - begin)};
    return end + 1;
  }
  // past_item(at) -> the place behind one.
  template <class PastItem>
  const char* PastItems(const char* at, char open, char close,
                        PastItem&& past_item) const {
    at = Past(at, open);
    if (at == nullptr) return nullptr;
    const char* next = Past(at, close);
    if (next != nullptr) return next;
    for (next = at; next != nullptr; next = Past(at, ',')) {
      at = past_item(next);
      if (at == nullptr) return nullptr;
    }
    return Past(at, close);
  }
  const char* PastValue(const char* at, int depth);
  const char* PastObject(const char* at, int depth);
  const char* PastList(const char* at, int depth);
  const char* PastString(const char* at);
  const char* PastEscape(const char* at) const;
  const char* PastDigits(const char* at) const;
  const char* PastNumber(const char* at) const;
  const char* PastWord(const char* at, std::string_view word) const;

  // The next quote, backslash or control character. They are found for a block
  // at once: most strings are short, and the search for the end of each would
  // wait for that of the one before.
  const char* NextSpecial(const char* at) {
    for (;;) {
      if (at < block_end_) {
        const uint64_t ahead = specials_ >> (kBlock - (block_end_ - at));
        if (ahead != 0) {
          at += std::countr_zero(ahead);
          return at < end_ ? at : nullptr;
        }
        at = block_end_;
      }
      if (at >= end_) return nullptr;
      ScanBlock(at);
    }
  }
  // That which holds the place; REQUIRES: it is beyond the last one.
  void ScanBlock(const char* at);

  static constexpr ptrdiff_t kBlock = 64;

  const char* const begin_;
  const char* at_;
  const char* const end_;
  // Blocks are counted from the begin of the text.
  const char* block_end_;      // of the last one that was scanned
  uint64_t specials_ = 0;      // of it
  bool beyond_ascii_ = false;  // something in the blocks so far
};

}  // namespace rekindle

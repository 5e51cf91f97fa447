// A walk over JSON text in one pass, for input that is read by the million.
//
// It checks what it passes, and knows only the usual forms: a string that is
// wanted has no escapes, a number is no longer than 18 digits and has no
// exponent, an escape is no half of a surrogate pair. At anything else, and at
// any error, a step returns false; then the caller reads the text anew with the
// full parser (json_reader.h). Where a walk gets through, both give the same.
// Take no further step after one that returned false.
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

  // Takes blanks, then the character; nothing where another one stands there.
  bool Take(char c) { return Step(Past(at_, c)); }
  // Takes blanks, then a string without escapes, and gives a view of it.
  bool TakeText(std::string_view* text) { return Step(PastText(at_, text)); }
  // Passes any value. `depth` is that of what holds it.
  bool SkipValue(int depth) { return Step(PastValue(at_, depth)); }

  // Takes an object: calls member(key), which takes the value; false where that
  // returned false.
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
  // Takes a list: calls item(), which takes each item; false where that
  // returned false.
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
  // Whether only blanks are left and everything passed is UTF-8. Ask at the
  // end.
  bool EndsWell();

 private:
  bool Step(const char* to) {
    if (to != nullptr) at_ = to;
    return to != nullptr;
  }

  // These go from a place to that behind something; nullptr where it is not
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
  // Scans the block that holds the place. REQUIRES: it is beyond the last
  // block.
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

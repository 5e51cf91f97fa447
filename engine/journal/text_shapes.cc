#include "engine/journal/text_shapes.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace rekindle {
namespace {

constexpr ptrdiff_t kBlock = 64;
constexpr ptrdiff_t kMostDigits = 18;  // of one number: longer runs are several

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

// Bits by place.
struct Found {
  uint64_t digits = 0, marks = 0;
};

#ifdef __SSE2__

Found FindIn(const char* block) {
  Found found;
  for (ptrdiff_t at = 0; at < kBlock; at += ptrdiff_t{sizeof(__m128i)}) {
    const __m128i bytes =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + at));
    const __m128i above_zero = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i digits =
        _mm_cmpeq_epi8(_mm_min_epu8(above_zero, _mm_set1_epi8(9)), above_zero);
    const __m128i marks =
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(TextShapes::kMark));
    const auto bits = [at](__m128i are) {
      return uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(are))} << at;
    };
    found.digits |= bits(digits);
    found.marks |= bits(marks);
  }
  return found;
}

#else

Found FindIn(const char* block) {
  Found found;
  for (ptrdiff_t at = 0; at < kBlock; ++at) {
    found.digits |= uint64_t{IsDigit(block[at])} << at;
    found.marks |= uint64_t{block[at] == TextShapes::kMark} << at;
  }
  return found;
}

#endif

// A walk over a text from run to run of digits.
class DigitScan {
 public:
  explicit DigitScan(std::string_view text)
      : end_(text.data() + text.size()), block_end_(text.data()) {}

  // The next digit that is not before `at`, or the end of the text. REQUIRES:
  // between the places asked for there are only digits.
  const char* Next(const char* at) {
    for (;;) {
      if (at < block_end_) {
        const uint64_t ahead = digits_ >> (kBlock - (block_end_ - at));
        if (ahead != 0) return at + std::countr_zero(ahead);
        at = block_end_;
      }
      if (at >= end_) return end_;
      Scan(at);
    }
  }
  bool passed_mark() const { return passed_mark_; }

 private:
  void Scan(const char* at) {
    Found found;
    if (end_ - at >= kBlock) {
      found = FindIn(at);
    } else {
      std::array<char, kBlock> block{};
      std::memcpy(block.data(), at, static_cast<size_t>(end_ - at));
      found = FindIn(block.data());
    }
    block_end_ = at + kBlock;
    digits_ = found.digits;
    passed_mark_ |= found.marks != 0;
  }

  const char* const end_;
  const char* block_end_;  // of the last one that was scanned
  uint64_t digits_ = 0;    // of it
  bool passed_mark_ = false;
};

// 10, 100 and so on, by how many digits stand behind the 1.
constexpr auto kPowers = [] {
  std::array<uint64_t, kMostDigits + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
  return powers;
}();

}  // namespace

TextShapes::TextShapes(std::span<const std::string_view> texts) {
  of_text_.reserve(texts.size());
  for (std::string_view text : texts) of_text_.push_back(ShapeOf(text));
}

uint32_t TextShapes::ShapeOf(std::string_view text) {
  const size_t before = numbers_.size();
  if (!Split(text)) {
    numbers_.resize(before);
    return kNone;
  }
  auto found = by_text_.find(shape_);
  if (found == by_text_.end()) {
    const std::string_view kept = arena_.Keep(shape_);
    found = by_text_.emplace(kept, shapes_.size()).first;
    shapes_.push_back({kept, numbers_.size() - before, 0});
  }
  ++shapes_[found->second].texts;
  return found->second;
}

// Into shape_ and the end of numbers_.
bool TextShapes::Split(std::string_view text) {
  shape_.clear();
  DigitScan scan(text);
  const char* const end = text.data() + text.size();
  for (const char* from = text.data();;) {
    const char* const digits = scan.Next(from);
    shape_.append(from, static_cast<size_t>(digits - from));
    if (digits == end) return !scan.passed_mark();
    from = TakeRun(digits, end);
  }
}

// The place behind a run of digits, which become numbers: twice their value or,
// where they begin with a 0 that would be lost, twice the value they have
// behind a 1, and 1.
const char* TextShapes::TakeRun(const char* at, const char* end) {
  do {
    const char* const begin = at;
    uint64_t value = 0;
    do {
      value = 10 * value + static_cast<uint64_t>(*at++ - '0');
    } while (at != end && IsDigit(*at) && at - begin < kMostDigits);
    const bool zero = *begin == '0' && at - begin > 1;
    if (zero) value += kPowers[static_cast<size_t>(at - begin)];
    numbers_.push_back(2 * value + (zero ? 1 : 0));
    shape_ += kMark;
  } while (at != end && IsDigit(*at));
  return at;
}

std::string_view DigitsOf(uint64_t number, std::span<char, 20> digits) {
  const char* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number / 2)
          .ptr;
  const char* const begin = digits.data() + number % 2;  // behind the 1
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace rekindle

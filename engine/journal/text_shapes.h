// Splits texts into what repeats and what does not: a shape, which is the text
// with a mark for each of its numbers, and the numbers.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/text_arena.h"
#include "config/base/text_hash.h"

namespace rekindle {

// Not thread-safe.
class TextShapes {
 public:
  static constexpr char kMark = '\x01';  // JSON has none as it is
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Shape {
    std::string_view text;
    size_t numbers;  // of a text
    uint32_t texts;
  };

  explicit TextShapes(std::span<const std::string_view> texts);

  const std::vector<Shape>& all() const { return shapes_; }
  // The shape of each text, by number; kNone for a text that holds the mark
  // itself.
  const std::vector<uint32_t>& of_text() const { return of_text_; }
  // The numbers of all texts that have a shape, in their order: runs of up to
  // 18 digits, each as DigitsOf takes it.
  const std::vector<uint64_t>& numbers() const { return numbers_; }

 private:
  uint32_t ShapeOf(std::string_view text);
  bool Split(std::string_view text);
  const char* TakeRun(const char* at, const char* end);

  TextArena arena_;
  std::vector<Shape> shapes_;
  boost::unordered_flat_map<std::string_view, uint32_t, TextHash> by_text_;
  std::vector<uint32_t> of_text_;
  std::vector<uint64_t> numbers_;
  std::string shape_;  // of the text being split
};

// The digits that a number of TextShapes stands for; `digits` holds them.
std::string_view DigitsOf(uint64_t number, std::span<char, 20> digits);

}  // namespace rekindle

// CSV records of a text in memory, read where they stand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/text_arena.h"

namespace rekindle {

using CsvCells = std::vector<std::string_view>;

// Gives what CsvReader gives for the same text. Not thread-safe.
class CsvTextReader {
 public:
  // For a text of which it does not matter where it stood.
  static constexpr int64_t kAnyLine = 2;

  // Cells refer to `text`, or to `arena` where it holds them otherwise, with
  // quotes doubled say; both must outlive them. `text` stands below a header,
  // from `first_line` of its file on.
  CsvTextReader(std::string_view text, int64_t first_line, TextArena& arena)
      : rest_(text), next_line_(first_line), arena_(arena) {}

  // As CsvReader::Next.
  bool Next(CsvCells* cells);

  int64_t line() const { return line_; }
  std::string_view raw() const { return raw_; }
  const std::string& error() const { return error_; }

 private:
  void ReadUnusual(CsvCells* cells);
  void Pass(size_t end, int64_t lines);

  std::string_view rest_;
  int64_t next_line_;
  TextArena& arena_;
  int64_t line_ = 0;
  std::string_view raw_;
  std::string error_;
};

}  // namespace rekindle

// Reads CSV records from a text in memory, without copying what need not be.
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
  // A `first_line` for callers that do not ask for line().
  static constexpr int64_t kAnyLine = 2;

  // Cells refer to `text`, or to `arena` where their value is not written out
  // in `text` (doubled quotes, say); both must outlive them. `text` has no
  // header: it begins at line `first_line` of its file, below that.
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

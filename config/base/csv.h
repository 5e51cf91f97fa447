// Reading RFC 4180 CSV: quotes doubled, CRLF or LF, newlines inside quotes, an
// optional UTF-8 byte order mark.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace rekindle {

// Reads one record at a time; never throws. Not thread-safe.
class CsvReader {
 public:
  explicit CsvReader(std::istream& in) : in_(in) {}

  // False at the end of input. A record that cannot be read (an unclosed
  // quote, text after a closing quote) returns true with error() set and is
  // skipped as a whole, up to its line's end.
  bool Next(std::vector<std::string>* fields);

  // The line the last record started on, from 1.
  int64_t line() const { return record_line_; }
  // The last record's bytes as they stood, without its line end.
  const std::string& raw() const { return raw_; }
  const std::string& error() const { return error_; }

 private:
  std::istream& in_;
  std::string raw_;
  std::string error_;
  int64_t next_line_ = 1;
  int64_t record_line_ = 0;
};

}  // namespace rekindle

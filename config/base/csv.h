// Reading RFC 4180 CSV: quotes doubled, CRLF or LF, newlines inside quotes, an
// optional UTF-8 byte order mark. Blank lines are no records.
#pragma once

#include <cstdint>
#include <deque>
#include <istream>
#include <string>
#include <vector>

namespace rekindle {

// Reads one record at a time; never throws. Not thread-safe.
class CsvReader {
 public:
  // Bytes that a quote may span before it counts as never closed.
  static constexpr size_t kLongestRecord = 1 << 20;
  static constexpr char kUnclosedQuote[] = "a quote is never closed";

  // A byte order mark is looked for on line 1 only.
  explicit CsvReader(std::istream& in, int64_t first_line = 1)
      : in_(in), next_line_(first_line) {}

  // False at the end of input. A record that cannot be read (an unclosed
  // quote, text after a closing quote) returns true with error() set and is
  // skipped as a whole, up to its line's end. A quote that nothing closes
  // within a megabyte costs its own line only: reading goes on with the next.
  bool Next(std::vector<std::string>* fields);

  // The line the last record started on.
  int64_t line() const { return record_line_; }
  // The last record's bytes as they stood, without its line end.
  const std::string& raw() const { return raw_; }
  const std::string& error() const { return error_; }

 private:
  // What a field ended with.
  enum class End { kSeparator, kRecord, kUnclosed, kTextAfterQuote };

  bool TakeLine(std::string* line);
  bool ExtendRaw();
  void GiveBackLines();
  End ReadField(size_t* at, std::string* field);
  End ReadQuoted(size_t* at, std::string* field);

  std::istream& in_;
  std::deque<std::string> given_back_;  // read ahead for no record
  std::string next_;
  std::string raw_;
  int64_t raw_lines_ = 0;
  std::string error_;
  int64_t next_line_;
  int64_t record_line_ = 0;
};

}  // namespace rekindle

// Cuts a file of input into large pieces of whole records, so that they can be
// read on several threads.
#pragma once

#include <boost/container/vector.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/import/input_file.h"
#include "engine/intake/input_format.h"

namespace rekindle {

int64_t LineEndsIn(std::string_view text);

// Grows without being filled with zeros first.
using TextBytes = boost::container::vector<char>;

struct TextBlock {
  TextBytes text;
  int64_t first_line = 1;  // the line it begins at
  int64_t line_ends = 0;   // in it
  int64_t bytes_read = 0;  // of the file so far, for progress
};

// Not thread-safe.
class BlockReader {
 public:
  // Goes on where the file's stream stands. `format` says what a record is: a
  // line, or a CSV record, whose quotes may span lines. A block is about so
  // many bytes, or one record.
  BlockReader(InputFile& file, ImportFormat format, size_t block_bytes);

  // Counts lines of the file that somebody else has read.
  void SkipLines(int64_t lines) { next_line_ += lines; }
  // Nothing at the end, or where the input breaks off (see InputFile::error):
  // then what follows the last whole record is left out.
  std::optional<TextBlock> Next();

 private:
  // How much of the text is whole records; 0: more must be read.
  size_t WholeRecords(std::string_view text, bool at_end) const;
  bool ReadMore();

  InputFile& file_;
  const ImportFormat format_;
  const size_t block_bytes_;
  TextBytes rest_;  // read, but not given out
  int64_t next_line_ = 1;
};

}  // namespace rekindle

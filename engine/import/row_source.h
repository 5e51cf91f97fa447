// Reads the records of a file of input, block by block, whatever its format.
#pragma once

#include <memory>
#include <optional>

#include "engine/import/block_reader.h"
#include "engine/import/row_block.h"

namespace rekindle {

// Reads blocks of one file's records. Not thread-safe: one a thread.
class RowParser {
 public:
  virtual ~RowParser() = default;
  // Blank lines are not rows.
  virtual std::unique_ptr<RowBlock> Read(TextBlock block) = 0;
};

class RowSource {
 public:
  virtual ~RowSource() = default;
  // Nothing at the end of the input, or where it breaks off: see
  // InputFile::error(). One call at a time.
  virtual std::optional<TextBlock> NextBlock() = 0;
  virtual std::unique_ptr<RowParser> MakeParser() const = 0;
};

// Reads the header, where there must be one. kUsage for an invalid CSV header,
// for an empty file, and for a kind that does not come in that format. `file`
// must outlive the source, the source its parsers and their blocks; `now` dates
// messages that need no time.
Result<std::unique_ptr<RowSource>> OpenRows(InputFile& file, ImportWhat what,
                                            ImportFormat format,
                                            const Calendar& calendar,
                                            Instant now);

}  // namespace rekindle

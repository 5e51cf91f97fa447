// The records of a file of input, one after the other, whatever its format.
#pragma once

#include <memory>
#include <string>

#include "engine/intake/input_file.h"
#include "engine/intake/input_row.h"

namespace rekindle {

// What all records below one header share.
struct RowContext {
  std::string file;
  ImportWhat what = ImportWhat::kEvents;
  ImportFormat format = ImportFormat::kCsv;  // csv or ndjson
  std::string header;                        // of a CSV file, as it stood
};

struct SourceRow {
  std::shared_ptr<const RowContext> context;
  int64_t line = 0;
  std::string record;    // as it stood, without its line end
  Result<InputRow> row;  // or why it is refused
};

// Not thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // False at the end of the input, or where it breaks off: see
  // InputFile::error(). Blank lines are not rows.
  virtual bool Next(SourceRow* row) = 0;
};

// Reads what must stand before the rows. kUsage for a CSV header that will not
// do, for an empty file, and for a kind that does not come in that format.
// `file` must outlive the source; `now` dates messages that need no time.
Result<std::unique_ptr<RowSource>> OpenRows(InputFile& file, ImportWhat what,
                                            ImportFormat format,
                                            const Calendar& calendar,
                                            Instant now);

}  // namespace rekindle

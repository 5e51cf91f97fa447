// Tables of results on their way out: to a terminal, a CSV file or NDJSON.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rekindle {

// A fraction prints with 6 decimals; no value (monostate) prints empty.
using Cell = std::variant<std::monostate, bool, int64_t, double, std::string>;

// Receives one table: Header once, then rows of the same width, then Finish.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void Header(const std::vector<std::string>& columns) = 0;
  virtual void Row(const std::vector<Cell>& cells) = 0;
  virtual void Finish() {}
};

enum class RowFormat { kTable, kCsv, kNdjson };
std::optional<RowFormat> ParseRowFormat(std::string_view word);

// `table` aligns columns for a terminal (wide characters count two), `csv` is
// RFC 4180 with LF, `ndjson` one object a line. `out` must outlive the sink.
std::unique_ptr<RowSink> MakeRowSink(RowFormat format, std::ostream& out);

// A cell as CSV text, not quoted.
std::string CellText(const Cell& cell);
// Quoted where RFC 4180 asks for it.
std::string CsvField(std::string_view text);

}  // namespace rekindle

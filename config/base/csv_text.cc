#include "config/base/csv_text.h"

#include <algorithm>

#include "config/base/csv.h"
#include "config/base/text_stream.h"

namespace rekindle {
namespace {

// The cells of a record that is one line and holds them as they are. False for
// any other, and for one that is wrong.
bool SplitUsual(std::string_view line, CsvCells* cells) {
  cells->clear();
  for (size_t at = 0;; ++at) {
    size_t end;
    if (at < line.size() && line[at] == '"') {
      const size_t quote = line.find('"', at + 1);
      if (quote == std::string_view::npos) return false;
      end = quote + 1;
      if (end < line.size() && line[end] != ',') return false;
      cells->push_back(line.substr(at + 1, quote - at - 1));
    } else {
      end = std::min(line.find(',', at), line.size());
      cells->push_back(line.substr(at, end - at));
    }
    if (end == line.size()) return true;
    at = end;
  }
}

}  // namespace

bool CsvTextReader::Next(CsvCells* cells) {
  error_.clear();
  while (!rest_.empty()) {
    line_ = next_line_;
    const size_t end = rest_.find('\n');
    raw_ = rest_.substr(0, end);
    if (raw_.ends_with('\r')) raw_.remove_suffix(1);
    if (!raw_.empty() && !SplitUsual(raw_, cells)) {
      ReadUnusual(cells);
      return true;
    }
    Pass(end, 1);
    if (!raw_.empty()) return true;
  }
  raw_ = {};
  cells->clear();
  return false;
}

void CsvTextReader::ReadUnusual(CsvCells* cells) {
  TextStream in(rest_);
  CsvReader csv(in, line_);
  std::vector<std::string> read;
  csv.Next(&read);
  raw_ = rest_.substr(0, csv.raw().size());
  error_ = csv.error();
  cells->clear();
  for (const std::string& cell : read) cells->push_back(arena_.Keep(cell));
  Pass(rest_.find('\n', raw_.size()),
       1 + std::count(raw_.begin(), raw_.end(), '\n'));
}

// Goes on behind the line end at `end`, if there is one.
void CsvTextReader::Pass(size_t end, int64_t lines) {
  rest_.remove_prefix(std::min(end, rest_.size() - 1) + 1);
  next_line_ += lines;
}

}  // namespace rekindle

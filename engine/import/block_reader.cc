#include "engine/import/block_reader.h"

#include <utility>

#include "config/base/csv.h"
#include "config/base/csv_text.h"

namespace rekindle {
namespace {

size_t AfterLastLineEnd(std::string_view text) {
  const size_t last = text.rfind('\n');
  return last == std::string_view::npos ? 0 : last + 1;
}

// The end of the CSV record that begins at `from`; npos where the text may
// break off inside it.
size_t CsvRecordEnd(std::string_view text, size_t from) {
  TextArena arena;
  CsvTextReader csv(text.substr(from), CsvTextReader::kAnyLine, arena);
  CsvCells cells;
  if (!csv.Next(&cells)) return std::string_view::npos;
  const size_t line_end = text.find('\n', from + csv.raw().size());
  if (line_end == std::string_view::npos) return line_end;
  const bool unclosed = csv.error() == CsvReader::kUnclosedQuote;
  if (unclosed && text.size() - from <= 2 * CsvReader::kLongestRecord) {
    return std::string_view::npos;
  }
  return line_end + 1;
}

// Lines without quotes are records; only where one has some is it read.
size_t AfterLastCsvRecord(std::string_view text) {
  const size_t end = AfterLastLineEnd(text);
  size_t at = 0;
  for (;;) {
    const size_t quote = text.find('"', at);
    if (quote >= end) return end;
    const size_t line = AfterLastLineEnd(text.substr(0, quote));
    const size_t next = CsvRecordEnd(text, line);
    if (next == std::string_view::npos) return line;
    at = next;
  }
}

}  // namespace

int64_t LineEndsIn(std::string_view text) {
  int64_t count = 0;
  for (size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    ++count;
  }
  return count;
}

BlockReader::BlockReader(InputFile& file, ImportFormat format,
                         size_t block_bytes)
    : file_(file), format_(format), block_bytes_(block_bytes) {}

std::optional<TextBlock> BlockReader::Next() {
  for (;;) {
    const bool more = ReadMore();
    const size_t whole = WholeRecords({rest_.data(), rest_.size()}, !more);
    if (whole == 0 && more) continue;
    if (whole == 0) return std::nullopt;
    TextBytes rest(rest_.begin() + static_cast<ptrdiff_t>(whole), rest_.end());
    rest_.resize(whole);
    TextBlock block{std::exchange(rest_, std::move(rest)), next_line_, 0,
                    file_.bytes_read()};
    block.line_ends = LineEndsIn({block.text.data(), whole});
    next_line_ += block.line_ends;
    return block;
  }
}

size_t BlockReader::WholeRecords(std::string_view text, bool at_end) const {
  if (at_end && !file_.error()) return text.size();
  return format_ == ImportFormat::kCsv ? AfterLastCsvRecord(text)
                                       : AfterLastLineEnd(text);
}

// False at the end of the input.
bool BlockReader::ReadMore() {
  const size_t before = rest_.size();
  rest_.resize(before + block_bytes_, boost::container::default_init);
  file_.stream().read(rest_.data() + before, block_bytes_);
  rest_.resize(before + static_cast<size_t>(file_.stream().gcount()));
  return file_.stream().good();
}

}  // namespace rekindle

// The records of one piece of a file, read and understood, with the texts they
// refer to.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/text_arena.h"
#include "engine/intake/block_reader.h"
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
  const RowContext* context;
  int64_t line;             // of the file the record stood in first
  std::string_view record;  // as it stood, without its line end
  Result<InputRow> row;     // or why it is refused
};

// Neither copied nor moved: its rows refer to its texts.
class RowBlock {
 public:
  // `padding`: how many bytes behind the text can be read.
  RowBlock(TextBytes text, size_t padding)
      : text_(std::move(text)), size_(text_.size()) {
    text_.resize(size_ + padding, '\n');
  }
  RowBlock(const RowBlock&) = delete;
  RowBlock& operator=(const RowBlock&) = delete;

  std::string_view text() const { return {text_.data(), size_}; }
  // Of texts that rows refer to and that do not stand so in text().
  TextArena& arena() { return arena_; }
  MessageView Keep(Message message) {
    return messages_.emplace_back(std::move(message));
  }
  const RowContext* Keep(RowContext context) {
    return &contexts_.emplace_back(std::move(context));
  }

  std::vector<SourceRow> rows;
  int64_t bytes_read = 0;  // of the file, with it

 private:
  TextBytes text_;
  const size_t size_;  // without the padding
  TextArena arena_;
  std::deque<Message> messages_;
  std::deque<RowContext> contexts_;
};

}  // namespace rekindle

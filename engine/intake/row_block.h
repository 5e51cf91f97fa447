// The records of one piece of a file, read and understood, with the texts they
// refer to.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/intake/input_row.h"

namespace rekindle {

// What all records below one header share.
struct RowContext {
  std::string file;
  ImportWhat what = ImportWhat::kEvents;
  ImportFormat format = ImportFormat::kCsv;  // csv or ndjson
  std::string header;                        // of a CSV file, as it stood
};

// InputRow, but that a message's texts stay where they are.
using TakenRow = std::variant<MessageView, Engine::UserRow, TouchInput,
                              Suppression, ReceiptInput>;

struct SourceRow {
  const RowContext* context;
  int64_t line;             // of the file the record stood in first
  std::string_view record;  // as it stood, without its line end
  Result<TakenRow> row;     // or why it is refused
};

// Neither copied nor moved: its rows refer to its texts.
class RowBlock {
 public:
  explicit RowBlock(std::string text) : text_(std::move(text)) {}
  RowBlock(const RowBlock&) = delete;
  RowBlock& operator=(const RowBlock&) = delete;

  std::string& text() { return text_; }
  std::string_view Keep(std::string text) {
    return kept_.emplace_back(std::move(text));
  }
  const RowContext* Keep(RowContext context) {
    return &contexts_.emplace_back(std::move(context));
  }
  // Texts of the row must lie in this block, or be its own.
  void Add(const RowContext* context, int64_t line, std::string_view record,
           Result<InputRow> row) {
    rows.push_back({context, line, record, Taken(std::move(row))});
  }

  std::vector<SourceRow> rows;
  int64_t bytes_read = 0;  // of the file, with it

 private:
  Result<TakenRow> Taken(Result<InputRow> row) {
    if (!row) return tl::make_unexpected(std::move(row.error()));
    return std::visit([this](auto& r) { return Taken(std::move(r)); }, *row);
  }
  TakenRow Taken(Message message) {
    return MessageView(messages_.emplace_back(std::move(message)));
  }
  template <class Row>
  TakenRow Taken(Row row) {
    return row;
  }

  std::string text_;
  std::deque<std::string> kept_;
  std::deque<Message> messages_;
  std::deque<RowContext> contexts_;
};

}  // namespace rekindle

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

#include "config/base/text_arena.h"
#include "engine/import/block_reader.h"
#include "engine/import/input_row.h"

namespace rekindle {

// What all records below one header share.
struct RowContext {
  std::string file;
  ImportWhat what = ImportWhat::kEvents;
  ImportFormat format = ImportFormat::kCsv;  // csv or ndjson
  std::string header;                        // of a CSV file, as it stood
};

// Where a row stands.
struct SourceRow {
  const RowContext* context;
  int64_t line;             // of the file the record stood in first
  std::string_view record;  // as it stood, without its line end
};

struct RefusedRow {
  SourceRow source;
  std::string reason;
};

// Rows of one kind, in the order of the input.
struct RowRun {
  std::vector<SourceRow> sources;  // by row
  std::variant<std::vector<MessageView>, std::vector<Engine::UserRow>,
               std::vector<TouchInput>, std::vector<Suppression>,
               std::vector<ReceiptInput>>
      rows;
};

// Neither copied nor moved: its rows refer to its texts.
class RowBlock {
 public:
  // `padding`: how many bytes to make readable behind the text.
  RowBlock(TextBytes text, size_t padding)
      : text_(std::move(text)), size_(text_.size()) {
    text_.resize(size_ + padding, '\n');
  }
  RowBlock(const RowBlock&) = delete;
  RowBlock& operator=(const RowBlock&) = delete;

  std::string_view text() const { return {text_.data(), size_}; }
  // Holds texts that rows refer to and that are not written so in text().
  TextArena& arena() { return arena_; }
  MessageView Keep(Message message) {
    return messages_.emplace_back(std::move(message));
  }
  const RowContext* Keep(RowContext context) {
    return &contexts_.emplace_back(std::move(context));
  }

  void Add(const SourceRow& source, Result<InputRow> row) {
    if (!row) {
      refused_.push_back({source, std::move(row.error().message)});
      return;
    }
    std::visit(
        [&]<class Row>(Row& one) {
          RowsFor<Row>(source).push_back(std::move(one));
        },
        *row);
  }
  // Adds a message for the caller to fill in its place, or to drop again.
  MessageView* AddMessage(const SourceRow& source) {
    return &RowsFor<MessageView>(source).emplace_back();
  }
  void DropMessage() {
    runs_.back().sources.pop_back();
    std::get<std::vector<MessageView>>(runs_.back().rows).pop_back();
  }
  // Makes room for about so many messages. Call before any row is added.
  void ReserveMessages(size_t count) {
    runs_.emplace_back();
    runs_.back().sources.reserve(count);
    std::get<std::vector<MessageView>>(runs_.back().rows).reserve(count);
  }

  std::vector<RowRun>& runs() { return runs_; }
  const std::vector<RefusedRow>& refused() const { return refused_; }

  int64_t bytes_read = 0;  // of the file, this block included

 private:
  // The rows to add the next one to, which stands at `source`.
  template <class Row>
  std::vector<Row>& RowsFor(const SourceRow& source) {
    using Rows = std::vector<Row>;
    if (runs_.empty() || !std::holds_alternative<Rows>(runs_.back().rows)) {
      runs_.push_back({{}, Rows()});
    }
    runs_.back().sources.push_back(source);
    return std::get<Rows>(runs_.back().rows);
  }

  TextBytes text_;
  const size_t size_;  // without the padding
  TextArena arena_;
  std::deque<Message> messages_;
  std::deque<RowContext> contexts_;
  std::vector<RowRun> runs_;
  std::vector<RefusedRow> refused_;
};

}  // namespace rekindle

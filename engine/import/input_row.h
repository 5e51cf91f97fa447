// A row of input, read and understood, on its way to the engine.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "config/base/csv_text.h"
#include "config/base/result.h"
#include "engine/engine.h"

namespace rekindle {

// A touch of a campaign run elsewhere, before its user has a number.
struct TouchInput {
  std::string rule_id;
  std::string user_id;
  Moment when;
  Arm arm = Arm::kTreated;
  std::string channel, variant;
};

// What came of a touch that was handed off.
struct ReceiptInput {
  Receipt receipt;
  bool dated = false;  // else the importer sets its `at`
};

// Tags come as user rows with nothing else in them. The importer sets a
// suppression's `at`. A message's texts stay where its reader found them.
using InputRow = std::variant<MessageView, Engine::UserRow, TouchInput,
                              Suppression, ReceiptInput>;

// Reads the records below one CSV header. Immutable.
class CsvRowReader {
 public:
  virtual ~CsvRowReader() = default;
  // kUsage with the reason for a record that cannot be taken. `cells` are valid
  // UTF-8; a message's texts are views of them, or kept in `arena`.
  virtual Result<InputRow> Read(const CsvCells& cells,
                                TextArena& arena) const = 0;
};

}  // namespace rekindle

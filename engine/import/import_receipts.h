// Results of touches that were handed off, on their way into the ledger.
#pragma once

#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/import/input_row.h"

namespace rekindle {

// One outcome a receipt, in order. A touch that is not known, or never left, is
// a rejection: whoever made the file is there to be told.
std::vector<IntakeOutcome> ImportReceipts(Engine& engine,
                                          std::span<const ReceiptInput> rows,
                                          Instant now);

}  // namespace rekindle

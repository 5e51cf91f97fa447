// Brings the results of touches that were handed off into the ledger.
#pragma once

#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/import/input_row.h"

namespace rekindle {

// One outcome for each receipt, in order. One about a touch that is unknown, or
// never left, is rejected, as whoever made the file is there to be told.
std::vector<IntakeOutcome> ImportReceipts(Engine& engine,
                                          std::span<const ReceiptInput> rows,
                                          Instant now);

}  // namespace rekindle

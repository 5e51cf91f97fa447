// What became of receipts, for the metrics and the pages.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/ledger/receipt.h"

namespace rekindle {

// Thread-safe; counters only grow, `failing` tells the present.
class ReceiptStats {
 public:
  void Count(ReceiptFate fate) { ++by_fate_[static_cast<size_t>(fate)]; }
  int64_t of(ReceiptFate fate) const {
    return by_fate_[static_cast<size_t>(fate)];
  }

  std::atomic<int64_t> refused = 0;   // what could not be read as one
  std::atomic<bool> failing = false;  // the last commit failed

 private:
  std::array<std::atomic<int64_t>, 4> by_fate_{};
};

}  // namespace rekindle

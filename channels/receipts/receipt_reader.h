// From the body of a provider's callback, or of its answer, to receipts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channels/receipts/receipt_settings.h"
#include "config/base/result.h"

namespace rekindle {

struct ReadReceipts {
  struct Refused {
    std::string item;  // its JSON, as text
    std::string reason;
  };
  std::vector<Receipt> receipts;
  int64_t passed_over = 0;  // items whose word `events` does not have
  std::vector<Refused> refused;
};

// JSON (one receipt, a list, or a list at `items`), or a form of fields. An
// item that names no touch, or has no state, is refused by itself; kUsage where
// the whole cannot be read. A time that is missing, or in the future, becomes
// `now`. An item that names no touch is about the touch `about`, where that is
// given.
Result<ReadReceipts> ReadReceiptBody(const ReceiptSettings& settings,
                                     const std::string& channel,
                                     std::string_view body, Instant now,
                                     const std::string& about = "");

}  // namespace rekindle

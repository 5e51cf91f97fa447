// Whether a callback comes from the provider.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "channels/receipts/receipt_settings.h"

namespace rekindle {

// A header of the request by its name; empty where it has none.
using HeaderLookup = std::function<std::string_view(std::string_view name)>;

// Empty where the request is signed by one of the keys, else what is wrong with
// it. A Standard Webhooks signature is good for 5 minutes either way; secrets
// are compared in constant time.
std::string SignatureProblem(const ReceiptSettings& settings,
                             const HeaderLookup& header, std::string_view body,
                             Instant now);

}  // namespace rekindle

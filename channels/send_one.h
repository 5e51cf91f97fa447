// One message that is no touch of the ledger: a notice to people.
#pragma once

#include "channels/adapter/adapter.h"

namespace rekindle {

// Tries the message once and waits for its outcome; kUnknown where the adapter
// gave none. Never throws. REQUIRES: nobody else sends through the adapter.
Outcome SendOne(Adapter& adapter, const ClaimedTouch& message);

}  // namespace rekindle

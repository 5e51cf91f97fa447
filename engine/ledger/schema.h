// The ledger's tables in store.db. Instants are milliseconds, states and arms
// their names.
#pragma once

namespace rekindle {

// Several statements, for a new file.
extern const char kLedgerSchema[];
extern const char kDeliverySchema[];  // the step after it

}  // namespace rekindle

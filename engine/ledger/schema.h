// The ledger's tables in store.db. Instants are milliseconds, states and arms
// their names.
#pragma once

namespace rekindle {

// Several statements, for a new file.
extern const char kLedgerSchema[];
// Stopped slots, and caps by channel.
extern const char kCapSchema[];
// Outcomes, holds and costs of channels; what operators did.
extern const char kDeliverySchema[];

}  // namespace rekindle

// The tables of receipts in store.db.
#pragma once

namespace rekindle {

// Several statements, for a file with the ledger's tables.
extern const char kReceiptSchema[];

}  // namespace rekindle

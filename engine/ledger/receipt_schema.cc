#include "engine/ledger/receipt_schema.h"

namespace rekindle {

// A touch has each state once, at the earliest time that was reported; where
// the channel it goes through now reported it, that channel's. Kept are
// receipts whose touch is not known. An attempt keeps a keyed hash of its
// address, so that a bounce that names nobody finds the address it is about
// without the ledger holding addresses.
const char kReceiptSchema[] = R"sql(
CREATE TABLE receipts (
  touch INTEGER NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  channel TEXT NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (touch, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_receipts (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  touch_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  state TEXT NOT NULL,
  recipient TEXT NOT NULL COLLATE NOCASE,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  whole_channel INTEGER NOT NULL,
  UNIQUE (provider_id, channel, touch_id, state)
) STRICT;
CREATE INDEX kept_receipts_by_touch ON kept_receipts (touch_id);

ALTER TABLE attempts ADD COLUMN address_hash TEXT NOT NULL DEFAULT '';
-- 1: the user has a further address in the channel, should this one be dead
ALTER TABLE attempts ADD COLUMN further INTEGER NOT NULL DEFAULT 0;
CREATE INDEX attempts_by_provider ON attempts (provider_id, channel)
  WHERE provider_id <> '';
)sql";

}  // namespace rekindle

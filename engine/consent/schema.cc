#include "engine/consent/schema.h"

namespace rekindle {

// Addresses are compared without regard to ASCII case: mail addresses come in
// any, and no two tokens differ in case alone.
const char kConsentSchema[] = R"sql(
CREATE TABLE consents (
  topic TEXT NOT NULL,
  user INTEGER NOT NULL,
  granted INTEGER NOT NULL CHECK (granted IN (0, 1)),
  PRIMARY KEY (topic, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_by_user ON consents (user);

CREATE TABLE suppressions (
  channel TEXT NOT NULL,  -- '': every channel
  address TEXT NOT NULL COLLATE NOCASE,
  user_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (channel, address, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressions_by_address ON suppressions (address, channel)
  WHERE address <> '';
CREATE INDEX suppressions_by_user ON suppressions (user_id, channel)
  WHERE user_id <> '';
)sql";

}  // namespace rekindle

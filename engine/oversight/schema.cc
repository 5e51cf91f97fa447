#include "engine/oversight/schema.h"

namespace rekindle {

// What people decided is never changed or removed: the last word on a thing
// counts. Which rules are paused stands apart, for the claim to ask.
const char kOversightSchema[] = R"sql(
CREATE TABLE rule_decisions (
  id INTEGER PRIMARY KEY,
  rule_id TEXT NOT NULL,
  action TEXT NOT NULL
    CHECK (action IN ('approve', 'approve_slot', 'pause', 'resume')),
  version TEXT NOT NULL,             -- of the rule, then
  slot INTEGER,                      -- of approve_slot
  person TEXT NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_decisions_by_rule ON rule_decisions (rule_id, action, id);

CREATE TABLE paused_rules (
  rule_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  rule_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  cause TEXT NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,             -- '': the channel needs none
  state TEXT NOT NULL
    CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (rule_id, slot, cause, channel, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_open ON notices (channel, state)
  WHERE state = 'waiting' OR state = 'sending';
)sql";

const char kChannelNoticeSchema[] = R"sql(
ALTER TABLE notices RENAME TO slot_notices;
CREATE TABLE notices (
  rule_id TEXT NOT NULL,             -- '': about a channel
  about_channel TEXT NOT NULL,       -- '': about a rule's slot
  slot INTEGER NOT NULL,             -- or when the channel was found so
  cause TEXT NOT NULL,               -- or how the channel stands
  channel TEXT NOT NULL,
  address TEXT NOT NULL,             -- '': the channel needs none
  state TEXT NOT NULL
    CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '',      -- the channel stands so
  CHECK ((rule_id = '') != (about_channel = '')),
  PRIMARY KEY (rule_id, about_channel, slot, cause, channel, address)
) STRICT, WITHOUT ROWID;
INSERT INTO notices (rule_id, about_channel, slot, cause, channel, address,
                     state, at, attempts, next_at, detail)
  SELECT rule_id, '', slot, cause, channel, address, state, at, attempts,
         next_at, detail
  FROM slot_notices;
DROP TABLE slot_notices;
CREATE INDEX notices_open ON notices (channel, state)
  WHERE state = 'waiting' OR state = 'sending';
)sql";

}  // namespace rekindle

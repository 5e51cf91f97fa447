#include "engine/ledger/schema.h"

namespace rekindle {

// Rendered texts stand apart from the touches, so that scans of touches stay
// short and erasing a text is a delete. The conditions of the partial indexes
// are spelled as the queries spell them: SQLite compares the text of the terms.
const char kLedgerSchema[] = R"sql(
CREATE TABLE rules_seen (
  rule_id TEXT PRIMARY KEY,
  first_loaded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE slots (
  rule_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'missed')),
  rule_version TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  done_at INTEGER,
  matched INTEGER NOT NULL DEFAULT 0,
  treated INTEGER NOT NULL DEFAULT 0,
  held_out INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (rule_id, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX slots_by_time ON slots (slot);

CREATE TABLE slot_skips (
  rule_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  reason TEXT NOT NULL,
  users INTEGER NOT NULL,
  user_set BLOB NOT NULL,
  PRIMARY KEY (rule_id, slot, reason)
) STRICT;

CREATE TABLE touches (
  id INTEGER PRIMARY KEY,
  touch_id TEXT NOT NULL UNIQUE,
  rule_id TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  user INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  step INTEGER NOT NULL,
  planned_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  arm TEXT NOT NULL CHECK (arm IN ('treated', 'held_out')),
  variant TEXT NOT NULL,
  channel TEXT NOT NULL,             -- the one it goes through, as known now
  template_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  marketing INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  no_repeat INTEGER NOT NULL DEFAULT 0,  -- unknown, and waits for a person
  goal TEXT NOT NULL,
  goal_until INTEGER,
  goal_at INTEGER,
  UNIQUE (rule_id, slot, user, step)
) STRICT;
CREATE INDEX touches_by_user ON touches (user, planned_at);
CREATE INDEX touches_by_rule ON touches (rule_id, planned_at, user, slot);
CREATE INDEX touches_open ON touches (state, channel, due_at)
  WHERE state = 'planned' OR state = 'claimed' OR state = 'unknown';
CREATE INDEX touches_capped ON touches (marketing, due_at, state, user);
CREATE INDEX touches_by_time ON touches (planned_at);

CREATE TABLE touch_contents (
  touch INTEGER PRIMARY KEY,
  contents TEXT NOT NULL
) STRICT;

CREATE TABLE attempts (
  touch INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  channel TEXT NOT NULL,
  claimed_at INTEGER NOT NULL,
  repeat INTEGER NOT NULL,           -- 1: the one before may have been sent
  address TEXT,                      -- erased when the touch is final
  finished_at INTEGER,
  outcome TEXT NOT NULL DEFAULT '',  -- a touch state, or 'interrupted'
  reason TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '',
  provider_id TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (touch, attempt)
) STRICT, WITHOUT ROWID;
)sql";

// A slot may be stopped, with a reason. Who might be reached was not counted
// before; the nearest known is who was.
//
// What takes room in a cap is found by when it is due, without those that gave
// it back; `fallbacks` are the channels a touch may still fall back to, joined
// by ';'. The state stands in no more indexes than must be: each is written
// anew whenever it changes.
const char kCapSchema[] = R"sql(
CREATE TABLE slots_new (
  rule_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'missed', 'stopped')),
  reason TEXT NOT NULL DEFAULT '',
  rule_version TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  done_at INTEGER,
  matched INTEGER NOT NULL DEFAULT 0,
  eligible INTEGER NOT NULL DEFAULT 0,
  treated INTEGER NOT NULL DEFAULT 0,
  held_out INTEGER NOT NULL DEFAULT 0,
  settled INTEGER NOT NULL DEFAULT 0,  -- 1: its failures were looked at
  PRIMARY KEY (rule_id, slot)
) STRICT, WITHOUT ROWID;
INSERT INTO slots_new (rule_id, slot, state, rule_version, opened_at, done_at,
                       matched, eligible, treated, held_out, settled)
  SELECT rule_id, slot, state, rule_version, opened_at, done_at,
         matched, treated + held_out, treated, held_out, 1 FROM slots;
DROP TABLE slots;
ALTER TABLE slots_new RENAME TO slots;
CREATE INDEX slots_by_time ON slots (slot);

ALTER TABLE touches ADD COLUMN fallbacks TEXT NOT NULL DEFAULT '';
ALTER TABLE touches ADD COLUMN closes_at INTEGER;
DROP INDEX touches_capped;
CREATE INDEX touches_capped ON touches (due_at, user, channel, fallbacks)
  WHERE marketing = 1;
CREATE INDEX touches_lost ON touches (due_at)
  WHERE marketing = 1 AND (state = 'failed' OR state = 'dropped');
)sql";

// Due touches are found by rule, so that a rule with many does not stand in
// front of the others.
const char kDeliverySchema[] = R"sql(
DROP INDEX touches_open;
CREATE INDEX touches_open ON touches (state, channel, rule_id, due_at)
  WHERE state = 'planned' OR state = 'claimed' OR state = 'unknown';

CREATE TABLE channel_counts (
  channel TEXT NOT NULL,
  quarter INTEGER NOT NULL,  -- of an hour, since 1970
  outcome TEXT NOT NULL,     -- an outcome class, or 'handed'
  touches INTEGER NOT NULL,
  cost INTEGER NOT NULL,     -- millionths
  PRIMARY KEY (channel, quarter, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE slot_costs (
  rule_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  channel TEXT NOT NULL,
  messages INTEGER NOT NULL,
  cost INTEGER NOT NULL,     -- millionths
  PRIMARY KEY (rule_id, slot, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_holds (
  channel TEXT PRIMARY KEY,
  mode TEXT NOT NULL CHECK (mode IN ('paused', 'draining')),
  since INTEGER NOT NULL,
  who TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_actions (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  touches INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace rekindle

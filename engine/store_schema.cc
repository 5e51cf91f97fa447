#include "engine/store_schema.h"

#include <vector>

#include "engine/consent/schema.h"
#include "engine/ledger/receipt_schema.h"
#include "engine/ledger/rule_versions.h"
#include "engine/ledger/schema.h"
#include "engine/links/schema.h"
#include "engine/oversight/schema.h"
#include "engine/users/schema.h"

namespace rekindle {
namespace {

constexpr char kMetaSchema[] = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// A column is known by the text of its behavior's definition and the time zone
// that cut its days; it reflects the journal up to its position.
constexpr char kColumnSchema[] = R"sql(
CREATE TABLE stored_columns (
  id INTEGER PRIMARY KEY,
  definition TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  position INTEGER NOT NULL,
  UNIQUE (definition, time_zone)
) STRICT;

CREATE TABLE mask_blocks (
  column_id INTEGER NOT NULL,
  month INTEGER NOT NULL,
  block INTEGER NOT NULL,
  masks BLOB NOT NULL,
  PRIMARY KEY (column_id, month, block)
) STRICT;

CREATE TABLE last_blocks (
  column_id INTEGER NOT NULL,
  block INTEGER NOT NULL,
  lasts BLOB NOT NULL,
  PRIMARY KEY (column_id, block)
) STRICT;
)sql";

// States by their numbers, labels by their names, joined by ';'. A history row
// with from_state 0 is a user's first; one with to_state 0 their last, as they
// are not known any more.
constexpr char kLifecycleSchema[] = R"sql(
CREATE TABLE lifecycle_now (
  user INTEGER PRIMARY KEY,
  state INTEGER NOT NULL,
  substate TEXT NOT NULL,
  labels TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;

CREATE TABLE lifecycle_history (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  from_state INTEGER NOT NULL,
  to_state INTEGER NOT NULL,
  from_substate TEXT NOT NULL,
  to_substate TEXT NOT NULL,
  from_labels TEXT NOT NULL,
  labels TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX lifecycle_history_by_user ON lifecycle_history (user);
CREATE INDEX lifecycle_history_by_time ON lifecycle_history (at);
)sql";

// When something last happened is kept for activity alone, at the position
// that its blocks reflect. What was moved by a merge stands in memory until the
// columns are saved.
constexpr char kLastPositionSchema[] = R"sql(
ALTER TABLE stored_columns ADD COLUMN last_position INTEGER;
UPDATE stored_columns SET last_position = position;
CREATE TABLE unsaved_merges (
  user INTEGER PRIMARY KEY
) STRICT;
)sql";

// What everybody was found to be, as one packed bitmap a state, substate, label
// and segment, and the changes of 65,536 users at a time. What an older version
// stored a row a user is found anew by the next recompute.
constexpr char kStandingSchema[] = R"sql(
DROP TABLE lifecycle_now;
DROP TABLE lifecycle_history;
CREATE TABLE standing_sets (
  kind INTEGER NOT NULL,   -- 0 state, 1 part, 2 label, 3 segment
  name TEXT NOT NULL,
  place INTEGER NOT NULL,  -- in the order of settings
  users BLOB NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT;

CREATE TABLE standing_texts (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL,  -- 0: not known
  substate TEXT NOT NULL,
  labels TEXT NOT NULL     -- joined by ';'
) STRICT;

CREATE TABLE standing_changes (
  id INTEGER PRIMARY KEY,
  part INTEGER NOT NULL,
  at INTEGER NOT NULL,
  changes BLOB NOT NULL    -- user, from, to (numbers of texts)
) STRICT;
CREATE INDEX standing_changes_by_part ON standing_changes (part);
)sql";

// Steps from one recompute to the next instead of whole sets and texts; what an
// older version stored is found anew by the next recompute.
constexpr char kStandingStepSchema[] = R"sql(
DROP TABLE standing_sets;
DROP TABLE standing_texts;
DROP TABLE standing_changes;
CREATE TABLE standing_sets (
  number INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,  -- 0 state, 1 part, 2 label, 3 segment
  name TEXT NOT NULL,
  place INTEGER,          -- in the order of settings; NULL: not there any more
  users BLOB NOT NULL,    -- packed bitmap; steps up to meta's standings_folded
  UNIQUE (kind, name)
) STRICT;

CREATE TABLE standing_steps (
  id INTEGER PRIMARY KEY,
  part INTEGER NOT NULL,  -- of 65,536 users
  at INTEGER NOT NULL,
  flips BLOB NOT NULL     -- packed: by set, who came or went
) STRICT;
CREATE INDEX standing_steps_by_part ON standing_steps (part);
)sql";

}  // namespace

std::span<const MigrationStep> StoreMigrations() {
  static const std::vector<MigrationStep> steps = {
      {kMetaSchema, kUserSchema, kColumnSchema, kLifecycleSchema, kLedgerSchema,
       kConsentSchema},
      {kLastPositionSchema, kStandingSchema},
      {kUserBlockSchema},
      {kCapSchema, kOversightSchema, kRuleVersionsSchema, kDeliverySchema},
      {kStandingStepSchema},
      {kReceiptSchema, kLinkSchema},
      {kChannelNoticeSchema},
  };
  return steps;
}

}  // namespace rekindle

#include "engine/users/schema.h"

namespace rekindle {

// Instants are milliseconds, days are numbers. Ids have no index: they are
// looked up in memory, and a random index would slow the import of many users.
// Of several links of one anonymous id the latest counts.
//
// Since there are blocks, `users` and `profiles` hold only what changed after a
// block was written, and win over it; an empty profile there removes.
const char kUserSchema[] = R"sql(
CREATE TABLE users (
  number INTEGER PRIMARY KEY,
  id TEXT,                     -- NULL: erased
  anonymous INTEGER NOT NULL,  -- 1: id is an anonymous id
  merged_into INTEGER,
  first_at INTEGER,            -- the first event of any kind
  first_day INTEGER,
  first_by_day INTEGER,        -- 1: dated by day
  created_at INTEGER,          -- as the profile says
  created_day INTEGER,
  created_by_day INTEGER,
  experiment_key TEXT          -- NULL: the id
) STRICT;

CREATE TABLE anonymous_links (
  id INTEGER PRIMARY KEY,
  anonymous_id TEXT NOT NULL,
  user INTEGER NOT NULL
) STRICT;

CREATE TABLE profiles (
  user INTEGER PRIMARY KEY,
  profile TEXT NOT NULL        -- a JSON object, keys sorted
) STRICT;

CREATE TABLE tags (
  tag TEXT NOT NULL,
  user INTEGER NOT NULL,
  PRIMARY KEY (tag, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_user ON tags (user);

-- Who asked to be forgotten: salted hashes of their ids, and the numbers whose
-- erasure has begun and may have to be finished.
CREATE TABLE forgotten (
  hash BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE erasures (
  user INTEGER PRIMARY KEY
) STRICT;
)sql";

const char kUserBlockSchema[] = R"sql(
CREATE TABLE user_blocks (
  block INTEGER PRIMARY KEY,   -- of 4096 numbers
  users BLOB NOT NULL          -- engine/users/user_block.h
) STRICT;
CREATE TABLE profile_blocks (
  block INTEGER PRIMARY KEY,
  profiles BLOB NOT NULL       -- engine/users/profile_block.cc
) STRICT;
)sql";

}  // namespace rekindle

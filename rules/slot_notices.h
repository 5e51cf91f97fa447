// Which notices a slot gives rise to (`notify` of its rule).
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "rules/rule.h"

namespace rekindle {

// In the transaction of what caused it. A cause that was told of the slot
// before is not told again.
void NoteCause(SQLite::Database& db, const Rule& rule, Instant slot,
               std::string_view cause, Instant now);
// `users >= 500` and the like, for a slot that was worked.
void NoteUsers(SQLite::Database& db, const Rule& rule, Instant slot,
               int64_t eligible, Instant now);

// What shows later, of the done slots of the last week: `failed`, once no touch
// of the slot is under way, and `harms` of a rule's latest one.
void NoteOutcomes(Engine& engine, const RuleSet& rules, Instant now);

}  // namespace rekindle

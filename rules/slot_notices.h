// Which notices a slot gives rise to (`notify` of its rule).
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "rules/definition/rule.h"

namespace rekindle {

// In the transaction of what caused it. A cause that was told of the slot
// before is not told again.
void NoteCause(SQLite::Database& db, const Rule& rule, Instant slot,
               std::string_view cause, Instant now);
// `users >= 500` and the like, for a slot that was worked.
void NoteUsers(SQLite::Database& db, const Rule& rule, Instant slot,
               int64_t eligible, Instant now);

// What shows later, of the done slots of the last week. `failed`: once no touch
// of the slot is under way and some failed, or were dropped as expired.
// `harms`: of a rule's latest slot, where the review says so; reads all touches
// of the rules that ask for it.
void NoteFailures(Engine& engine, const RuleSet& rules, Instant now);
void NoteHarms(Engine& engine, const RuleSet& rules, Instant now);

}  // namespace rekindle

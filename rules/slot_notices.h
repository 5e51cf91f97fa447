// Which notices a slot gives rise to (`notify` of its rule).
#pragma once

#include <string_view>

#include "engine/engine.h"
#include "rules/definition/rule.h"

namespace rekindle {

// These put notices down in the transaction of what caused them. A cause that
// was told of the slot before is not told again.
void NoteCause(SQLite::Database& db, const Rule& rule, Instant slot,
               std::string_view cause, Instant now);
// `users >= 500` and the like, for a slot that was worked.
void NoteUsers(SQLite::Database& db, const Rule& rule, Instant slot,
               int64_t eligible, Instant now);

// These find what shows only later, in the done slots of the last week:
// `failed`, once no touch of the slot is under way and some failed or were
// dropped as expired; `harms`, for the latest slot of a rule whose review says
// so. NoteHarms reads all touches of the rules that ask for it.
void NoteFailures(Engine& engine, const RuleSet& rules, Instant now);
void NoteHarms(Engine& engine, const RuleSet& rules, Instant now);

}  // namespace rekindle

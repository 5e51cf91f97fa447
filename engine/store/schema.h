// The schema of store.db, as the list of steps that lead to it.
//
// A step that was released is never edited: a change is a new step at the end.
#pragma once

#include <span>
#include <vector>

namespace rekindle {

// SQL scripts, run in one transaction. The n-th step (from 1) leads from
// schema version n - 1 to n.
using MigrationStep = std::vector<const char*>;
std::span<const MigrationStep> StoreMigrations();

}  // namespace rekindle

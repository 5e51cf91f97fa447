// The schema of store.db, as the list of steps that lead to it.
//
// A step that was released is never edited: a change is a new step at the end.
#pragma once

#include <span>

#include "engine/store/store.h"

namespace rekindle {

std::span<const MigrationStep> StoreMigrations();

}  // namespace rekindle

// The tables of users in store.db.
#pragma once

namespace rekindle {

// Several statements: for a new file, and what came later.
extern const char kUserSchema[];
extern const char kUserBlockSchema[];

}  // namespace rekindle

// The tables of users in store.db.
#pragma once

namespace rekindle {

// Several statements, for a new file.
extern const char kUserSchema[];

}  // namespace rekindle

// The tables of people's decisions on rules, and of notices to them, in
// store.db.
#pragma once

namespace rekindle {

// Several statements.
extern const char kOversightSchema[];

}  // namespace rekindle

// The tables of tracked links in store.db.
#pragma once

namespace rekindle {

// Several statements, for a new file.
extern const char kLinkSchema[];

}  // namespace rekindle

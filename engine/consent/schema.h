// The tables of consents and suppressions in store.db.
#pragma once

namespace rekindle {

// Several statements, for a new file.
extern const char kConsentSchema[];

}  // namespace rekindle

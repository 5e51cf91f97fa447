// The tables of people's decisions on rules, and of notices to them, in
// store.db.
#pragma once

namespace rekindle {

// Several statements each.
extern const char kOversightSchema[];
// Notices about channels besides those about slots.
extern const char kChannelNoticeSchema[];

}  // namespace rekindle

// The channels: how each stands, what waits for it, what came of what it was
// given, at what price; and what operators did by hand.
#pragma once

#include "daemon/pages/models.h"

namespace rekindle {

// A channel's `standing` is "sending", "paused", "draining", "stopped" (its
// circuit is open), "day_full", "outside_hours" or "disk_failing"; `why` says
// more where there is more to say.
Json ChannelsModel(Session& session);

}  // namespace rekindle

// The channels: how each stands, what waits for it, what came of what it was
// given, at what price; and what operators did by hand.
#pragma once

#include <map>
#include <string>

#include "daemon/pages/models.h"
#include "daemon/polling/poll_stats.h"

namespace rekindle {

// `polls`: of the channels whose providers are asked for receipts, by id. A
// channel's `standing` is ChannelStanding's word.
Json ChannelsModel(Session& session,
                   const std::map<std::string, PollStats>& polls);

// A list of the channels with nothing but their standing.
Json StandingsModel(Session& session);

}  // namespace rekindle

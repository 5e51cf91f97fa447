// How each channel stands, and what waits for it: the facts of the channels'
// page, of `channel status` and of the metrics.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/session/session.h"

namespace rekindle {

// Whether a channel sends, and if not, why.
struct ChannelStanding {
  const Channel* channel = nullptr;  // of the configuration
  // "sending", "paused", "draining", "stopped" (its circuit is open),
  // "day_full", "outside_hours" or "disk_failing".
  std::string_view word = "sending";
  std::string why;               // more, for people, where there is more to say
  std::optional<Instant> until;  // where that is known

  // What it was told from.
  std::optional<ChannelHold> hold;
  ChannelStatus status;
  ChannelCounts today;  // since the local day began
};

struct ChannelFigures : ChannelStanding {
  ChannelQueue queue;
};

// Of each channel of the configuration, in its order and for as long as it
// lives.
std::vector<ChannelStanding> StandingsOf(Session& session,
                                         const Configuration& configuration,
                                         Instant now);
// The same with what waits, which takes a look at the ledger's touches.
std::vector<ChannelFigures> FiguresOf(Session& session,
                                      const Configuration& configuration,
                                      Instant now);

// An amount of money for people: "12.34".
std::string MoneyText(int64_t millionths);

}  // namespace rekindle

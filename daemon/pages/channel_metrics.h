// The channels' part of /metrics.
#pragma once

#include <string>

#include "daemon/session/session.h"

namespace rekindle {

// Families of text format 0.0.4, every configured channel in each.
std::string ChannelMetrics(Session& session);

}  // namespace rekindle

// Sends notices to people, about slots and about channels.
#pragma once

#include "config/base/clock.h"
#include "daemon/session/configuration.h"
#include "engine/engine.h"

namespace rekindle {

// Sends what is due through the channel: claim (durable), send, record. What
// failed temporarily is tried again: for a day, about a channel for an hour.
// REQUIRES: nobody else sends through the channel meanwhile.
void SendNotices(Engine& engine, const Configuration& configuration,
                 const Channel& channel, const Clock& clock);

}  // namespace rekindle

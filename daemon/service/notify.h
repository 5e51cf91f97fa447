// The service manager's protocol (sd_notify(3)); harmless where there is none.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rekindle::service {

void Ready(const std::string& status);
void Reloading();
void Stopping();
void Status(const std::string& status);
void KeepAlive();  // WATCHDOG=1

// How often to call KeepAlive: half of the unit's WatchdogSec; nothing where no
// watchdog runs.
std::optional<std::chrono::microseconds> WatchdogInterval();

}  // namespace rekindle::service

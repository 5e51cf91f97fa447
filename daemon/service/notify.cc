#include "daemon/service/notify.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <time.h>

namespace rekindle::service {
namespace {

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

void Ready(const std::string& status) {
  sd_notify(0, fmt::format("READY=1\nSTATUS={}", OneLine(status)).c_str());
}

void Reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                           now.tv_sec * 1'000'000 + now.tv_nsec / 1000)
                   .c_str());
}

void Stopping() { sd_notify(0, "STOPPING=1"); }

void Status(const std::string& status) {
  sd_notify(0, fmt::format("STATUS={}", OneLine(status)).c_str());
}

void KeepAlive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> WatchdogInterval() {
  uint64_t usec = 0;
  if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
  return std::chrono::microseconds(usec / 2);
}

}  // namespace rekindle::service

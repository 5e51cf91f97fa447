// The `intake:` section: who may send in, where, and how much at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/secret.h"
#include "daemon/session/listen_address.h"

namespace rekindle {

struct IntakeSettings {
  ListenAddress listen{"0.0.0.0", 8081};
  // At least one. While a key is rotated, the old and the new one stand here.
  std::vector<Secret> write_keys;
  // Of one request, uncompressed. Segment's clients stay below 500 KB,
  // RudderStack's may send 4000 KB.
  int64_t max_body = 4'000'000;
  // Memory for requests that are being read or not yet answered; above it
  // clients are asked to come again (429), but for one that is alone.
  int64_t max_waiting = 64'000'000;
  int64_t max_connections = 10000;
};

// Sizes are written "4 MB" or "500 KB". What is wrong goes to the diagnostics.
IntakeSettings ParseIntake(const yaml::Node& node, yaml::Diagnostics& d);

}  // namespace rekindle

// Where a listener listens.
#pragma once

#include <optional>
#include <string>

#include "config/yaml/node.h"

namespace rekindle {

struct ListenAddress {
  std::string host;
  int port = 0;  // 0: any free one

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "[::1]:8080". A mismatch goes to the diagnostics.
std::optional<ListenAddress> ParseListen(const yaml::Node& node,
                                         yaml::Diagnostics& d);

}  // namespace rekindle

// The `links` section: tracked links, the open pixel, the unsubscribe page.
#pragma once

#include <optional>
#include <string>

#include "config/secret.h"
#include "config/yaml/node.h"

namespace rekindle {

struct LinkSettings {
  // Where the intake is reached from the world, without a slash at the end.
  std::string base_url;
  // Signs the tokens; empty: the data folder's own key does. A new secret voids
  // the links that are out there.
  Secret secret;
  bool opens = true;  // an open pixel in html
  yaml::Position at;
};

// What is wrong goes to the diagnostics.
std::optional<LinkSettings> ParseLinks(const std::optional<yaml::Node>& node,
                                       yaml::Diagnostics& d);

}  // namespace rekindle

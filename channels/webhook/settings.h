// Settings of a `type: webhook` channel; README.md explains each.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/secret.h"
#include "config/yaml/node.h"

namespace rekindle {

struct WebhookSettings {
  std::string url;            // http or https
  std::vector<Secret> keys;   // decoded; at least one
  std::string address_field;  // profile key; empty: none
  std::chrono::seconds timeout{15};
  int concurrency = 32;
  bool refuse_private_addresses = false;
  bool deduplicates = true;       // the receiver drops a repeated webhook-id
  std::filesystem::path ca_file;  // empty: the system's authorities
};

// Takes every key but `type`; nothing where something is wrong.
std::optional<WebhookSettings> ParseWebhookSettings(yaml::Section& section);

}  // namespace rekindle

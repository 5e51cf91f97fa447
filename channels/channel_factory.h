// Reads `channels` and builds the adapters: the one list of adapter types.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/delivery_settings.h"
#include "channels/receipts/receipt_settings.h"
#include "config/yaml/node.h"

namespace rekindle {

struct Channel {
  std::string id;
  std::string type;  // "webhook", "smtp", "file", "http"
  std::shared_ptr<Adapter> adapter;
  DeliverySettings delivery;
  std::optional<ReceiptSettings> receipts;  // none: it reports nothing back
  ClaimChannel claim() const;
};

// Every problem goes to the diagnostics (unknown type with a did-you-mean);
// channels without problems are returned in file order. Relative paths of
// settings are relative to the settings file they stand in; nothing is opened
// or connected here, so that `check` has no side effects.
std::vector<Channel> ParseChannels(const yaml::Node& channels,
                                   yaml::Diagnostics& d);

}  // namespace rekindle

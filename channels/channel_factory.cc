#include "channels/channel_factory.h"

#include <utility>

#include "channels/file/file_adapter.h"
#include "channels/http/http_request_adapter.h"
#include "channels/smtp/smtp_adapter.h"
#include "channels/webhook/webhook_adapter.h"
#include "config/base/clock.h"
#include "config/yaml/names.h"

namespace rekindle {
namespace {

// Takes the section's keys but `type`; nullptr where something is wrong.
using Make = std::shared_ptr<Adapter> (*)(yaml::Section& section);

std::shared_ptr<Adapter> MakeWebhook(yaml::Section& section) {
  auto settings = ParseWebhookSettings(section);
  if (!settings) return nullptr;
  return MakeWebhookAdapter(std::move(*settings),
                            std::make_shared<SystemClock>());
}

std::shared_ptr<Adapter> MakeSmtp(yaml::Section& section) {
  auto settings = ParseSmtpSettings(section);
  if (!settings) return nullptr;
  return MakeSmtpAdapter(std::move(*settings), std::make_shared<SystemClock>());
}

std::shared_ptr<Adapter> MakeFile(yaml::Section& section) {
  auto settings = ParseFileSettings(section);
  if (!settings) return nullptr;
  return MakeFileAdapter(std::move(*settings));
}

std::shared_ptr<Adapter> MakeHttpRequest(yaml::Section& section) {
  auto settings = ParseHttpRequestSettings(section);
  if (!settings) return nullptr;
  return MakeHttpRequestAdapter(std::move(*settings),
                                std::make_shared<SystemClock>());
}

// Every adapter type.
constexpr struct {
  const char* type;
  Make make;
} kTypes[] = {
    {"file", MakeFile},
    {"http", MakeHttpRequest},
    {"smtp", MakeSmtp},
    {"webhook", MakeWebhook},
};

std::vector<std::string> TypeNames() {
  std::vector<std::string> names;
  for (const auto& entry : kTypes) names.push_back(entry.type);
  return names;
}

std::optional<Channel> ParseChannel(const std::string& id,
                                    const yaml::Node& node,
                                    yaml::Diagnostics& d) {
  yaml::Section section(node, d, "channel \"" + id + "\"");
  const auto type = section.Require("type");
  if (!type || !CheckKnown(*type, d, "channel type", TypeNames())) {
    return std::nullopt;
  }
  const auto given = section.Take("receipts");
  for (const auto& entry : kTypes) {
    if (type->text() != entry.type) continue;
    DeliverySettings delivery = TakeDelivery(section);
    auto adapter = entry.make(section);
    std::optional<ReceiptSettings> receipts;
    if (given) {
      const bool has_address =
          adapter == nullptr || !adapter->traits().address_field.empty();
      receipts = ParseReceipts(*given, d, has_address);
    }
    if (adapter == nullptr) return std::nullopt;
    return Channel{id, entry.type, std::move(adapter), std::move(delivery),
                   std::move(receipts)};
  }
  return std::nullopt;
}

}  // namespace

ClaimChannel Channel::claim() const {
  const AdapterTraits& traits = adapter->traits();
  return {id, traits.address_field, traits.deduplicates, delivery.per_day,
          delivery.hours};
}

std::vector<Channel> ParseChannels(const yaml::Node& channels,
                                   yaml::Diagnostics& d) {
  std::vector<Channel> parsed;
  if (channels.IsNull()) return parsed;
  if (!channels.IsMap()) {
    d.Error(channels.position(), "channels must be a map of channels, not " +
                                     std::string(channels.KindName()));
    return parsed;
  }
  NameBook names("channel");
  for (const auto& [key, node] : channels.Entries()) {
    if (!names.Add(key, d)) continue;
    if (auto channel = ParseChannel(key.text(), node, d)) {
      parsed.push_back(std::move(*channel));
    }
  }
  return parsed;
}

}  // namespace rekindle

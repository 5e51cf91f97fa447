// The `receipts` of a channel: who may report what became of its touches, whom
// to ask, and how the provider words it. README.md explains each key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "channels/receipts/poll_settings.h"
#include "config/secret.h"
#include "config/yaml/node.h"
#include "engine/ledger/receipt.h"

namespace rekindle {

enum class ReceiptSignature {
  kStandardWebhooks,  // webhook-id, webhook-timestamp, webhook-signature
  kHmacSha256,        // of the body, in a header of the provider's
  kToken,             // Authorization: Bearer, or Basic's password
  kEcdsa,             // P-256, of a timestamp and the body, in two headers
};

// JSON pointers (RFC 6901); the first that leads somewhere counts.
using FieldPaths = std::vector<std::string>;

struct ReceiptSettings {
  // What callbacks are signed with. Any one will do, so that keys can be
  // replaced. Without `keys` and `public_keys` the channel takes no callbacks.
  std::vector<Secret> keys;
  std::vector<std::string> public_keys;  // of kEcdsa instead: DER
  ReceiptSignature signature = ReceiptSignature::kStandardWebhooks;
  std::string header;            // of kHmacSha256 and kEcdsa
  std::string timestamp_header;  // of kEcdsa
  bool takes_callbacks() const { return !keys.empty() || !public_keys.empty(); }

  // Where the receipts stand in the body; absent: it is one, or a list.
  std::string items;
  FieldPaths touch_id{"/touch_id", "/messageKey"};
  FieldPaths id{"/provider_id", "/providerId"};  // the provider's of a message
  FieldPaths recipient{"/recipient"};
  FieldPaths code{"/code", "/rawCode"};
  FieldPaths detail{"/detail"};
  FieldPaths at{"/timestamp", "/occurredAt"};
  FieldPaths outcome_class{"/class"};
  // The values of all of these, joined by '/', are looked up in `events`, then
  // without the last one, and so on: [/event, /type] finds "bounce/blocked"
  // before "bounce".
  FieldPaths state{"/state"};
  // What state each of the provider's words means; receipts with other words
  // are passed over. Absent: the words are the states' own names.
  std::optional<std::map<std::string, ReceiptState>> events;

  std::optional<PollSettings> poll;  // none: the provider reports by itself
};

// Takes the map; nothing where something is wrong. `has_address`: whether the
// channel's touches have one.
std::optional<ReceiptSettings> ParseReceipts(const yaml::Node& node,
                                             yaml::Diagnostics& d,
                                             bool has_address = true);

}  // namespace rekindle

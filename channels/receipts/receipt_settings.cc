#include "channels/receipts/receipt_settings.h"

#include <nlohmann/json.hpp>

#include "channels/receipts/ecdsa_signature.h"
#include "channels/webhook/standard_webhooks.h"
#include "config/base/base64.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

// SendGrid's.
constexpr char kEcdsaHeader[] = "X-Twilio-Email-Event-Webhook-Signature";
constexpr char kEcdsaTimestampHeader[] =
    "X-Twilio-Email-Event-Webhook-Timestamp";

void TakePath(const yaml::Node& node, yaml::Diagnostics& d,
              const std::string& key, FieldPaths* paths) {
  const auto path = node.AsString(d, key);
  if (!path) return;
  try {
    const nlohmann::json::json_pointer checked(*path);
    if (checked.empty()) throw std::invalid_argument("the whole");
    paths->push_back(*path);
  } catch (const std::exception&) {
    d.Error(node.position(),
            key + " must be a path into the JSON, such as /message/id, not \"" +
                *path + "\"");
  }
}

void TakePaths(yaml::Section& section, const std::string& key,
               FieldPaths* paths) {
  const auto node = section.Take(key);
  if (!node) return;
  paths->clear();
  yaml::Diagnostics& d = section.diagnostics();
  for (const yaml::Node& item : node->AsOneOrMany(d, key)) {
    TakePath(item, d, key, paths);
  }
}

// Nothing of callbacks is needed where the provider is asked.
void TakeSecrets(yaml::Section& section, const std::optional<yaml::Node>& node,
                 ReceiptSettings* settings) {
  yaml::Diagnostics& d = section.diagnostics();
  if (!node) {
    if (!section.Has("poll")) {
      d.Error(section.node().position(),
              "receipts needs \"secret\" for callbacks, or \"poll\" where the "
              "provider is asked");
    } else if (section.Has("signature") || section.Has("header")) {
      d.Error(section.node().position(),
              "signature and header are of callbacks, which need \"secret\"");
    }
    return;
  }
  std::vector<yaml::Node> secrets = {*node};
  if (node->IsList()) secrets = node->Items();
  for (const yaml::Node& item : secrets) {
    const auto secret = ParseSecret(item, d, "secret");
    if (!secret) continue;
    auto key = settings->signature == ReceiptSignature::kStandardWebhooks
                   ? WebhookKey(secret->Reveal())
                   : secret->Reveal();
    if (key) {
      settings->keys.emplace_back(std::move(*key));
    } else {
      d.Error(item.position(), "secret must be base64 after \"whsec_\"");
    }
  }
}

// What is public may stand in the file.
void TakePublicKeys(yaml::Section& section,
                    const std::optional<yaml::Node>& node,
                    ReceiptSettings* settings) {
  yaml::Diagnostics& d = section.diagnostics();
  if (!node) {
    d.Error(section.node().position(),
            "signature: ecdsa needs the provider's \"public_key\"");
    return;
  }
  for (const yaml::Node& item : node->AsOneOrMany(d, "public_key")) {
    auto key = DecodeBase64(Trim(item.text()));
    if (key && IsP256Key(*key)) {
      settings->public_keys.push_back(std::move(*key));
    } else {
      d.Error(item.position(),
              "public_key must be a P-256 key in base64 (DER), such as the one "
              "that SendGrid shows");
    }
  }
}

void TakeKeys(yaml::Section& section, ReceiptSettings* settings) {
  const auto secret = section.Take("secret");
  const auto public_key = section.Take("public_key");
  const bool ecdsa = settings->signature == ReceiptSignature::kEcdsa;
  const auto& other = ecdsa ? secret : public_key;
  if (other) {
    section.diagnostics().Error(
        other->position(), ecdsa ? "signature: ecdsa takes no secret, but a "
                                   "public_key"
                                 : "public_key goes with signature: ecdsa");
    return;
  }
  if (ecdsa) {
    TakePublicKeys(section, public_key, settings);
  } else {
    TakeSecrets(section, secret, settings);
  }
}

void TakeHeaders(yaml::Section& section, ReceiptSettings* settings) {
  yaml::Diagnostics& d = section.diagnostics();
  const auto header = section.Take("header");
  const auto timestamp = section.Take("timestamp_header");
  const bool ecdsa = settings->signature == ReceiptSignature::kEcdsa;
  const bool hmac = settings->signature == ReceiptSignature::kHmacSha256;
  if (ecdsa) {
    settings->header = kEcdsaHeader;
    settings->timestamp_header = kEcdsaTimestampHeader;
  }
  if (header && !ecdsa && !hmac) {
    d.Error(header->position(),
            "header goes with signature: hmac_sha256 or ecdsa");
  } else if (header) {
    settings->header = header->AsString(d, "header").value_or("");
  }
  if (timestamp && !ecdsa) {
    d.Error(timestamp->position(),
            "timestamp_header goes with signature: ecdsa");
  } else if (timestamp) {
    settings->timestamp_header =
        timestamp->AsString(d, "timestamp_header").value_or("");
  }
  if (hmac && settings->header.empty()) {
    d.Error(section.node().position(),
            "signature: hmac_sha256 needs the header it stands in, such as "
            "header: X-Signature");
  }
}

void TakeSignature(yaml::Section& section, ReceiptSettings* settings) {
  const auto node = section.Take("signature");
  if (node && yaml::CheckKnown(
                  *node, section.diagnostics(), "signature",
                  {"standard_webhooks", "hmac_sha256", "token", "ecdsa"})) {
    if (node->text() == "hmac_sha256") {
      settings->signature = ReceiptSignature::kHmacSha256;
    } else if (node->text() == "token") {
      settings->signature = ReceiptSignature::kToken;
    } else if (node->text() == "ecdsa") {
      settings->signature = ReceiptSignature::kEcdsa;
    }
  }
  TakeHeaders(section, settings);
}

void TakeEvents(yaml::Section& section, ReceiptSettings* settings) {
  const auto node = section.Take("events");
  if (!node) return;
  yaml::Diagnostics& d = section.diagnostics();
  if (!node->IsMap()) {
    d.Error(node->position(),
            "events must be a map from the provider's words to states, such as "
            "{bounce: bounced}");
    return;
  }
  settings->events.emplace();
  for (const auto& [word, state] : node->Entries()) {
    if (!yaml::CheckKnown(state, d, "state", ReceiptStateNames())) continue;
    settings->events->emplace(word.text(), *ParseReceiptState(state.text()));
  }
}

}  // namespace

std::optional<ReceiptSettings> ParseReceipts(const yaml::Node& node,
                                             yaml::Diagnostics& d,
                                             bool has_address) {
  const int errors_before = d.errors();
  yaml::Section section(node, d, "receipts");
  if (!section.valid()) return std::nullopt;
  ReceiptSettings settings;
  TakeSignature(section, &settings);
  TakeKeys(section, &settings);
  if (const auto items = section.Take("items")) {
    FieldPaths path;
    TakePath(*items, d, "items", &path);
    if (!path.empty()) settings.items = path.front();
  }
  TakePaths(section, "touch_id", &settings.touch_id);
  TakePaths(section, "id", &settings.id);
  TakePaths(section, "state", &settings.state);
  TakePaths(section, "recipient", &settings.recipient);
  TakePaths(section, "code", &settings.code);
  TakePaths(section, "detail", &settings.detail);
  TakePaths(section, "at", &settings.at);
  TakePaths(section, "class", &settings.outcome_class);
  TakeEvents(section, &settings);
  if (const auto poll = section.Take("poll")) {
    settings.poll = ParsePoll(*poll, d, has_address);
  }
  section.Finish();
  if (d.errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle

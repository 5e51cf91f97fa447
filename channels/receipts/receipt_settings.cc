#include "channels/receipts/receipt_settings.h"

#include <nlohmann/json.hpp>

#include "channels/webhook/standard_webhooks.h"

namespace rekindle {
namespace {

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

// Callbacks need it; where the provider is asked there may be none.
void TakeKeys(yaml::Section& section, ReceiptSettings* settings) {
  const auto node = section.Take("secret");
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

void TakeSignature(yaml::Section& section, ReceiptSettings* settings) {
  yaml::Diagnostics& d = section.diagnostics();
  const auto node = section.Take("signature");
  const auto header = section.Take("header");
  if (node && yaml::CheckKnown(*node, d, "signature",
                               {"standard_webhooks", "hmac_sha256", "token"})) {
    if (node->text() == "hmac_sha256") {
      settings->signature = ReceiptSignature::kHmacSha256;
    } else if (node->text() == "token") {
      settings->signature = ReceiptSignature::kToken;
    }
  }
  const bool needs = settings->signature == ReceiptSignature::kHmacSha256;
  if (header) settings->header = header->AsString(d, "header").value_or("");
  if (needs && settings->header.empty()) {
    d.Error(section.node().position(),
            "signature: hmac_sha256 needs the header it stands in, such as "
            "header: X-Signature");
  } else if (!needs && header) {
    d.Error(header->position(), "header goes with signature: hmac_sha256");
  }
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

#include "channels/webhook/settings.h"

#include "channels/adapter/settings_keys.h"
#include "channels/http_client/url_check.h"
#include "channels/webhook/standard_webhooks.h"

namespace rekindle {
namespace {

std::string TakeUrl(yaml::Section& section) {
  const auto node = section.Require("url");
  if (!node) return {};
  yaml::Diagnostics& d = section.diagnostics();
  const auto url = node->AsString(d, "url");
  if (!url) return {};
  if (const std::string problem = UrlProblem(*url); !problem.empty()) {
    d.Error(node->position(), problem);
  }
  return *url;
}

void AddKey(const yaml::Node& node, yaml::Diagnostics& d,
            std::vector<Secret>* keys) {
  const auto secret = ParseSecret(node, d, "secret");
  if (!secret) return;
  if (auto key = WebhookKey(secret->Reveal())) {
    keys->emplace_back(std::move(*key));
  } else {
    d.Error(node.position(), "secret must be base64 after \"whsec_\"");
  }
}

std::vector<Secret> TakeKeys(yaml::Section& section) {
  yaml::Diagnostics& d = section.diagnostics();
  std::vector<Secret> keys;
  const auto one = section.Has("secrets") ? section.Take("secret")
                                          : section.Require("secret");
  const auto several = section.Take("secrets");
  if (!several) {
    if (one) AddKey(*one, d, &keys);
    return keys;
  }
  if (one) {
    d.Error(one->position(), "give either secret or secrets, not both");
  } else if (!several->IsList() || several->Items().empty()) {
    d.Error(several->position(), "secrets must be a list of secrets");
  }
  for (const yaml::Node& item : several->Items()) AddKey(item, d, &keys);
  return keys;
}

}  // namespace

std::optional<WebhookSettings> ParseWebhookSettings(yaml::Section& section) {
  if (!section.valid()) return std::nullopt;
  const int errors_before = section.diagnostics().errors();
  WebhookSettings settings;
  settings.url = TakeUrl(section);
  settings.keys = TakeKeys(section);
  settings.address_field = TakeAddressField(section, "");
  settings.timeout =
      std::chrono::seconds(section.GetInteger("timeout_seconds", 15, 1, 300));
  settings.concurrency =
      static_cast<int>(section.GetInteger("concurrency", 32, 1, 256));
  settings.refuse_private_addresses = TakeRefusePrivate(section);
  settings.deduplicates = section.GetBool("deduplicates", true);
  settings.ca_file = TakeCaFile(section);
  section.Finish();
  if (section.diagnostics().errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle

#include "channels/webhook/settings.h"

#include <curl/curl.h>

#include <memory>

#include "channels/settings_keys.h"
#include "channels/webhook/standard_webhooks.h"

namespace rekindle {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool HasPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return has;
}

// What is wrong with the url; empty: nothing.
std::string UrlProblem(const std::string& text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) {
    return "url must begin with https:// or http://";
  }
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return "url is not a valid URL";
  }
  if (HasPart(url.get(), CURLUPART_USER) ||
      HasPart(url.get(), CURLUPART_PASSWORD)) {
    return "url must not hold a user or a password; the signature shows the "
           "receiver who sends";
  }
  return {};
}

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

bool TakeRefusePrivate(yaml::Section& section) {
  const auto node = section.Take("private_addresses");
  if (!node) return false;
  const bool known =
      CheckKnown(*node, section.diagnostics(), "value of private_addresses",
                 {"allow", "refuse"});
  return known && node->text() == "refuse";
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
  settings.max_in_flight =
      static_cast<int>(section.GetInteger("max_in_flight", 32, 1, 256));
  settings.refuse_private_addresses = TakeRefusePrivate(section);
  settings.deduplicates = section.GetBool("deduplicates", true);
  settings.ca_file = TakeCaFile(section);
  section.Finish();
  if (section.diagnostics().errors() != errors_before) return std::nullopt;
  return settings;
}

}  // namespace rekindle

#include "channels/webhook/standard_webhooks.h"

#include "config/base/base64.h"
#include "config/base/hmac.h"

namespace rekindle {

std::optional<std::string> WebhookKey(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return std::string(secret);
  auto key = DecodeBase64(secret.substr(kPrefix.size()));
  if (!key || key->empty()) return std::nullopt;
  return key;
}

std::string WebhookSignature(const std::vector<std::string>& keys,
                             std::string_view id, int64_t timestamp,
                             std::string_view body) {
  std::string content;
  content.reserve(id.size() + body.size() + 24);
  content += id;
  content += '.';
  content += std::to_string(timestamp);
  content += '.';
  content += body;
  std::string signatures;
  for (const std::string& key : keys) {
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + EncodeBase64(Hmac(HmacHash::kSha256, key, content));
  }
  return signatures;
}

}  // namespace rekindle

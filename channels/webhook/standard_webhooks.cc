#include "channels/webhook/standard_webhooks.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

#include "channels/base64.h"

namespace rekindle {
namespace {

std::string HmacSha256(std::string_view key, std::string_view message) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()),
           message.size(), reinterpret_cast<unsigned char*>(digest.data()),
           &size) == nullptr) {
    throw std::runtime_error("HMAC-SHA256 failed");
  }
  digest.resize(size);
  return digest;
}

}  // namespace

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
  std::string content(id);
  content += '.';
  content += std::to_string(timestamp);
  content += '.';
  content += body;
  std::string signatures;
  for (const std::string& key : keys) {
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + EncodeBase64(HmacSha256(key, content));
  }
  return signatures;
}

}  // namespace rekindle

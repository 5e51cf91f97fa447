#include "channels/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace rekindle {

std::string Hmac(HmacHash hash, std::string_view key,
                 std::string_view message) {
  const EVP_MD* md = hash == HmacHash::kSha1 ? EVP_sha1() : EVP_sha256();
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  // An empty key must still be one: OpenSSL takes a null pointer for "as
  // before".
  const char* bytes = key.empty() ? "" : key.data();
  if (HMAC(md, bytes, static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()),
           message.size(), reinterpret_cast<unsigned char*>(digest.data()),
           &size) == nullptr) {
    throw std::runtime_error("HMAC failed");
  }
  digest.resize(size);
  return digest;
}

}  // namespace rekindle

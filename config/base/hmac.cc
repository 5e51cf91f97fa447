#include "config/base/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace rekindle {
namespace {

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string Hmac(HmacHash hash, std::string_view key,
                 std::string_view message) {
  const EVP_MD* md = hash == HmacHash::kSha1 ? EVP_sha1() : EVP_sha256();
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  // An empty key must still be one: OpenSSL takes a null pointer for "as
  // before".
  const char* bytes = key.empty() ? "" : key.data();
  if (HMAC(md, bytes, static_cast<int>(key.size()), Bytes(message),
           message.size(), Bytes(digest), &size) == nullptr) {
    throw std::runtime_error("HMAC failed");
  }
  digest.resize(size);
  return digest;
}

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(Bytes(bytes), static_cast<int>(count)) != 1) {
    throw std::runtime_error("the system gives no random bytes");
  }
  return bytes;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace rekindle

#include "config/base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>
#include <optional>
#include <stdexcept>

namespace rekindle {
namespace {

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

// Finding the algorithm by its name takes longer than a message of a kilobyte.
Context NewContext(const char* hash) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  Context context(mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  const OSSL_PARAM digest[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                       const_cast<char*>(hash), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), digest) != 1) {
    throw std::runtime_error("HMAC is not to be had");
  }
  return context;
}

// A key is prepared once for all messages in a row that it signs: that takes as
// long as hashing a short one.
struct Signer {
  explicit Signer(const char* hash) : context(NewContext(hash)) {}
  const Context context;
  std::optional<std::string> key;  // that the context has
};

Signer& SignerOf(HmacHash hash) {
  if (hash == HmacHash::kSha1) {  // which a policy may forbid
    static thread_local Signer sha1("SHA1");
    return sha1;
  }
  static thread_local Signer sha256("SHA256");
  return sha256;
}

// True where the context is ready for a message.
bool Begin(Signer& signer, std::string_view key) {
  EVP_MAC_CTX* context = signer.context.get();
  // OpenSSL takes a null pointer for "as before".
  if (signer.key == key) return EVP_MAC_init(context, nullptr, 0, nullptr) == 1;
  signer.key.reset();
  // An empty key must still be one.
  const std::string_view given = key.empty() ? std::string_view("") : key;
  if (EVP_MAC_init(context, Bytes(given), given.size(), nullptr) != 1) {
    return false;
  }
  signer.key = key;
  return true;
}

}  // namespace

std::string Hmac(HmacHash hash, std::string_view key,
                 std::string_view message) {
  Signer& signer = SignerOf(hash);
  EVP_MAC_CTX* context = signer.context.get();
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  size_t size = 0;
  if (!Begin(signer, key) ||
      EVP_MAC_update(context, Bytes(message), message.size()) != 1 ||
      EVP_MAC_final(context, Bytes(digest), &size, digest.size()) != 1) {
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

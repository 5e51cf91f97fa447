#include "channels/receipts/ecdsa_signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace rekindle {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Nothing where it is another kind of key, or there is more behind it.
Key ParseKey(std::string_view der) {
  const unsigned char* at = Bytes(der);
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  char group[80] = {};
  size_t size = 0;
  const bool good =
      key != nullptr && at == Bytes(der) + der.size() &&
      EVP_PKEY_is_a(key.get(), "EC") == 1 &&
      EVP_PKEY_get_group_name(key.get(), group, sizeof group, &size) == 1 &&
      std::string_view(group, size) == "prime256v1";
  // Others that use the library on this thread have nothing to do with it.
  ERR_clear_error();
  return good ? std::move(key) : nullptr;
}

}  // namespace

bool IsP256Key(std::string_view key) { return ParseKey(key) != nullptr; }

bool EcdsaVerifies(std::string_view key, std::string_view message,
                   std::string_view signature) {
  const Key parsed = ParseKey(key);
  if (parsed == nullptr) return false;
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                           parsed.get()) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                       Bytes(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace rekindle

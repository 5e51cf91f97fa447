#include "daemon/intake/write_keys.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>

#include "config/base/base64.h"

namespace rekindle {
namespace {

// What stands behind the scheme, where it is this one.
std::optional<std::string_view> After(std::string_view scheme,
                                      std::string_view header) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ' ||
      !boost::algorithm::iequals(header.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  header.remove_prefix(scheme.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

}  // namespace

WriteKeys::Hash WriteKeys::HashOf(std::string_view key) {
  Hash hash;
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         hash.data());
  return hash;
}

void WriteKeys::Adopt(const std::vector<Secret>& keys) {
  auto hashes = std::make_shared<Hashes>();
  for (const Secret& key : keys) hashes->push_back(HashOf(key.Reveal()));
  std::lock_guard lock(mutex_);
  hashes_ = std::move(hashes);
  ++version_;
}

bool WriteKeys::Contains(std::string_view key) const {
  std::shared_ptr<const Hashes> hashes;
  {
    std::lock_guard lock(mutex_);
    hashes = hashes_;
  }
  const Hash asked = HashOf(key);
  int found = 0;
  for (const Hash& hash : *hashes) {
    found |= CRYPTO_memcmp(hash.data(), asked.data(), hash.size()) == 0;
  }
  return found != 0;
}

std::optional<Credentials> ParseAuthorization(std::string_view header) {
  if (auto token = After("Bearer", header)) {
    return Credentials{std::string(*token), true};
  }
  auto encoded = After("Basic", header);
  if (!encoded) return std::nullopt;
  auto text = DecodeBase64(*encoded);
  if (!text) return std::nullopt;
  return Credentials{text->substr(0, text->find(':')), false};
}

}  // namespace rekindle

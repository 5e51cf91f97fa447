// Write keys: who may send in.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret.h"

namespace rekindle {

// Thread-safe.
class WriteKeys {
 public:
  explicit WriteKeys(const std::vector<Secret>& keys) { Adopt(keys); }

  // For a reload: from now on these keys and no others.
  void Adopt(const std::vector<Secret>& keys);
  // Takes a time that does not depend on how much of a key was guessed.
  bool Contains(std::string_view key) const;
  // A number that changes with each Adopt; never 0.
  uint64_t version() const { return version_; }

 private:
  using Hash = std::array<unsigned char, 32>;
  using Hashes = std::vector<Hash>;
  static Hash HashOf(std::string_view key);

  mutable std::mutex mutex_;  // guards the pointer
  std::shared_ptr<const Hashes> hashes_;
  std::atomic<uint64_t> version_ = 0;
};

// What an Authorization header brings.
struct Credentials {
  std::string key;
  // It is a bearer's token, so it may be another service's; then the body names
  // the key.
  bool bearer = false;
};

// `Basic base64("KEY:")`, the colon being optional, or `Bearer KEY`. Nothing
// for anything else.
std::optional<Credentials> ParseAuthorization(std::string_view header);

}  // namespace rekindle

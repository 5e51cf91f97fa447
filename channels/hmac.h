// Keyed hashes, as providers sign requests with them.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

enum class HmacHash { kSha1, kSha256 };

// The digest's bytes. Throws std::runtime_error where OpenSSL fails.
std::string Hmac(HmacHash hash, std::string_view key, std::string_view message);

}  // namespace rekindle

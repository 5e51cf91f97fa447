// Keyed hashes (RFC 2104), random keys, and comparing what must not be guessed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rekindle {

enum class HmacHash { kSha1, kSha256 };

// The digest's bytes. Failures of the library are std::runtime_error.
std::string Hmac(HmacHash hash, std::string_view key, std::string_view message);
inline std::string HmacSha256(std::string_view key, std::string_view message) {
  return Hmac(HmacHash::kSha256, key, message);
}

// Compares in a time that does not depend on where they differ.
bool SameBytes(std::string_view a, std::string_view b);

// Bytes of the system's generator. Failures are std::runtime_error.
std::string RandomBytes(size_t count);

// Two lower-case digits a byte.
std::string ToHex(std::string_view bytes);

}  // namespace rekindle

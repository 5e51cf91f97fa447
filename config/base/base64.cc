#include "config/base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace rekindle {
namespace {

bool InAlphabet(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

std::string EncodeBase64(std::string_view bytes) {
  // EVP_EncodeBlock writes a terminating NUL, which the string has room for.
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return text;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  const size_t padded = text.size();
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  const size_t padding = padded - text.size();
  if (padding > 2 || (padding > 0 && padded % 4 != 0)) return std::nullopt;
  if (text.size() % 4 == 1) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), InAlphabet)) return std::nullopt;

  std::string whole(text);
  whole.append((4 - text.size() % 4) % 4, '=');
  std::string bytes(whole.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(whole.data()),
                  static_cast<int>(whole.size()));
  bytes.resize(text.size() * 3 / 4);
  return bytes;
}

}  // namespace rekindle

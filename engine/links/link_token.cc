#include "engine/links/link_token.h"

#include <array>

#include "config/base/hmac.h"

namespace rekindle {
namespace {

constexpr size_t kIdBytes = 8;
constexpr size_t kMacBytes = 9;
constexpr size_t kTokenBytes = kIdBytes + 1 + kMacBytes;  // divisible by 3
constexpr size_t kBounceMacDigits = 16;

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// REQUIRES: bytes.size() divisible by 3.
std::string EncodeBase64Url(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | static_cast<unsigned char>(bytes[i + j]);
    }
    for (int shift = 18; shift >= 0; shift -= 6) {
      text += kAlphabet[group >> shift & 63];
    }
  }
  return text;
}

// REQUIRES: text.size() divisible by 4.
std::optional<std::string> DecodeBase64Url(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t group = 0;
    for (size_t j = 0; j < 4; ++j) {
      const size_t digit = kAlphabet.find(text[i + j]);
      if (digit == kAlphabet.npos) return std::nullopt;
      group = group << 6 | static_cast<uint32_t>(digit);
    }
    for (int shift = 16; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(group >> shift & 255);
    }
  }
  return bytes;
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string MacOf(std::string_view key, TokenUse use, std::string_view touch_id,
                  int number) {
  std::string text = use == TokenUse::kLink ? "link:" : "unsubscribe:";
  text += touch_id;
  text += ':' + std::to_string(number);
  return HmacSha256(key, text).substr(0, kMacBytes);
}

}  // namespace

std::string MakeToken(std::string_view key, TokenUse use,
                      std::string_view touch_id, int number) {
  std::string bytes;
  for (size_t i = 0; i < kIdBytes; ++i) {
    bytes += static_cast<char>(DigitOf(touch_id[2 * i]) << 4 |
                               DigitOf(touch_id[2 * i + 1]));
  }
  bytes += static_cast<char>(number);
  return EncodeBase64Url(bytes + MacOf(key, use, touch_id, number));
}

std::optional<LinkToken> ParseToken(std::string_view text) {
  if (text.size() != kTokenBytes / 3 * 4) return std::nullopt;
  const auto bytes = DecodeBase64Url(text);
  if (!bytes) return std::nullopt;
  LinkToken token;
  token.touch = ToHex(std::string_view(*bytes).substr(0, kIdBytes));
  token.number = static_cast<unsigned char>((*bytes)[kIdBytes]);
  token.mac = bytes->substr(kIdBytes + 1);
  return token;
}

bool Verifies(const LinkToken& token, std::string_view key, TokenUse use,
              std::string_view touch_id) {
  return touch_id.starts_with(token.touch) &&
         SameBytes(token.mac, MacOf(key, use, touch_id, token.number));
}

std::string MakeBounceToken(std::string_view key, std::string_view touch_id) {
  // A key of its own: what is signed elsewhere begins with a word.
  const std::string mac =
      ToHex(HmacSha256(HmacSha256(key, "bounce"), touch_id));
  return std::string(touch_id) + '.' + mac.substr(0, kBounceMacDigits);
}

std::optional<std::string> ReadBounceToken(std::string_view key,
                                           std::string_view token) {
  std::string lower;
  for (const char c : token) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const size_t dot = lower.rfind('.');
  if (dot == lower.npos) return std::nullopt;
  std::string touch_id = lower.substr(0, dot);
  if (!SameBytes(lower, MakeBounceToken(key, touch_id))) return std::nullopt;
  return touch_id;
}

}  // namespace rekindle

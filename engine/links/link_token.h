// Tokens that go out with a touch and come back in a URL or a mail address:
// short, opaque, and worth nothing unless they were made here.
//
// A link's token is base64url of 8 bytes of the touch's id, one byte of a
// number, and 9 bytes of HMAC-SHA256 over use, the whole id and the number: 24
// characters. It says which touch and which of its links, never where to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

enum class TokenUse {
  kLink,         // number: of the link, from 1; 0 is the open pixel
  kUnsubscribe,  // number: the language of the message, 0 zh, 1 en
};

// As many links as a number can tell apart.
inline constexpr int kMostLinks = 255;

// REQUIRES: a touch id of TouchIdOf; 0 <= number <= 255.
std::string MakeToken(std::string_view key, TokenUse use,
                      std::string_view touch_id, int number);

// A token's parts as written. Whether it is genuine, Verifies tells, given the
// touch's id.
struct LinkToken {
  std::string touch;  // the first 16 digits of the touch's id
  int number = 0;
  std::string mac;
};
std::optional<LinkToken> ParseToken(std::string_view text);
bool Verifies(const LinkToken& token, std::string_view key, TokenUse use,
              std::string_view touch_id);

// A token for mail addresses, whose case may be lost: the touch's id, a full
// stop, and 16 hex digits of HMAC-SHA256 over the id.
std::string MakeBounceToken(std::string_view key, std::string_view touch_id);
// The touch's id; nothing where it is not genuine.
std::optional<std::string> ReadBounceToken(std::string_view key,
                                           std::string_view token);

}  // namespace rekindle

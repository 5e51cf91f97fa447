// Base64 of RFC 4648 section 4, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

std::string EncodeBase64(std::string_view bytes);

// Strict: only the alphabet, padding at the end or left out. Nothing for
// anything else.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace rekindle

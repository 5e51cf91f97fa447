// Base64 of RFC 4648 section 4, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

std::string EncodeBase64(std::string_view bytes);

// Decodes strictly: only characters of the alphabet, with padding at the end or
// without any. Nothing for any other text.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace rekindle

// How values are made harmless where they are put into a text.
#pragma once

#include <string>
#include <string_view>

namespace rekindle {

// For HTML text and quoted attributes.
std::string EscapeHtml(std::string_view value);
// Percent-encoding of all but RFC 3986's unreserved characters.
std::string EscapeUrl(std::string_view value);

}  // namespace rekindle

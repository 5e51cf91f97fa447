// How the web addresses that settings may name begin.
#pragma once

#include <string_view>

namespace rekindle {

// "https://" or "http://" where the URL begins with it, in lower case; else
// empty.
inline std::string_view WebSchemeOf(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) return scheme;
  }
  return {};
}

}  // namespace rekindle

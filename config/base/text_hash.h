// A hash for tables of texts of any length; short_text.h is faster for short
// ones.
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <string_view>

namespace rekindle {

// Not for storage.
struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;

  size_t operator()(std::string_view text) const {
    return XXH3_64bits(text.data(), text.size());
  }
};

}  // namespace rekindle

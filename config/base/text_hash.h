// For tables of texts of any length; of short ones there is short_text.h.
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

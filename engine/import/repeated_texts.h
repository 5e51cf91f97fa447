// Texts that come again and again in a piece of input, names of events mostly.
#pragma once

#include <array>
#include <string_view>

#include "config/base/short_text.h"

namespace rekindle {

// Gives one place to all that are equal. Who looks them up later finds a dozen
// texts in the nearest cache, not as many as there are messages all over the
// input. Some are missed where there are many different ones.
class RepeatedTexts {
 public:
  // The text, or an equal one that came before.
  std::string_view FirstOf(std::string_view text) {
    std::string_view& seen = seen_[ShortTextHash()(text) % seen_.size()];
    if (!ShortTextsEqual()(seen, text)) seen = text;
    return seen;
  }

 private:
  std::array<std::string_view, 64> seen_{};
};

}  // namespace rekindle

// Finds texts that come again and again in a piece of input: names of events,
// mostly.
#pragma once

#include <array>
#include <string_view>

#include "config/base/short_text.h"

namespace rekindle {

// Gives equal texts one place in memory, so that later lookups read a dozen
// texts in the nearest cache, not one for each message all over the input.
// Misses some where there are many different ones.
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

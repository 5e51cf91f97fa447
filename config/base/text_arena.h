// Texts that stay while others refer to them, and are freed together.
#pragma once

#include <cstring>
#include <memory_resource>
#include <string_view>

namespace rekindle {

// Neither copied nor moved. Not thread-safe.
class TextArena {
 public:
  // A copy that lives as long as the arena.
  std::string_view Keep(std::string_view text) {
    if (text.empty()) return {};
    auto* place = static_cast<char*>(memory_.allocate(text.size(), 1));
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

 private:
  std::pmr::monotonic_buffer_resource memory_;
};

}  // namespace rekindle

// Message ids as the engine remembers them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "config/base/hash.h"

namespace rekindle {

// 128 bits of a message id; all 0: none.
using IdHash = std::array<uint64_t, 2>;

// Tests the words, as comparing arrays takes a function call.
inline bool IsNone(const IdHash& id) { return (id[0] | id[1]) == 0; }

inline IdHash HashOfId(std::string_view message_id) {
  return message_id.empty() ? IdHash{} : Hash128(message_id);
}

}  // namespace rekindle

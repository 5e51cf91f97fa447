// Users are kept and looked at in blocks, by number, so that what is worked out
// for a block stays in the nearest cache.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rekindle {

inline constexpr uint32_t kBlockUsers = 4096;
inline constexpr uint32_t kBlockWords = kBlockUsers / 64;
inline size_t BlocksOf(uint32_t users) {
  return (size_t{users} + kBlockUsers - 1) / kBlockUsers;
}

}  // namespace rekindle

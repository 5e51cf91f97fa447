// The bits in which sets of users changed, for a shard of the users, as bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

inline constexpr uint32_t kShardUsers = 1 << 16;
inline constexpr uint32_t kShardWords = kShardUsers / 64;

// One set's: its number, and who came or went, counted from the shard's first,
// in ascending order.
struct SetFlips {
  int64_t set = 0;
  std::vector<uint32_t> users;
};

class FlipWriter {
 public:
  // Few are written as the gaps between them, many as a bitmap.
  void Add(int64_t set, const std::array<uint64_t, kShardWords>& flips);
  bool empty() const { return bytes_.empty(); }
  std::string Packed() const;

 private:
  std::string bytes_;
};

std::string PackFlips(const std::vector<SetFlips>& flips);
// Nothing where the bytes are damaged.
std::optional<std::vector<SetFlips>> UnpackFlips(std::string_view packed);

}  // namespace rekindle

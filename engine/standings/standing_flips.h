// Packs the changes of sets of users, for a part of the users, into bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

inline constexpr uint32_t kPartUsers = 1 << 16;
inline constexpr uint32_t kPartWords = kPartUsers / 64;

// The changes of one set: its number, and the users who came or went,
// ascending, counted from the part's first user.
struct SetFlips {
  int64_t set = 0;
  std::vector<uint32_t> users;
};

class FlipWriter {
 public:
  // Writes few users as the gaps between them, many as a bitmap.
  void Add(int64_t set, const std::array<uint64_t, kPartWords>& flips);
  bool empty() const { return bytes_.empty(); }
  std::string Packed() const;

 private:
  std::string bytes_;
};

std::string PackFlips(const std::vector<SetFlips>& flips);
// Nothing where the bytes are damaged.
std::optional<std::vector<SetFlips>> UnpackFlips(std::string_view packed);

}  // namespace rekindle

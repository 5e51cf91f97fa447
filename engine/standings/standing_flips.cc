#include "engine/standings/standing_flips.h"

#include <cstring>

#include "engine/sets/bit_list.h"
#include "engine/store/packed.h"

namespace rekindle {
namespace {

constexpr size_t kBitmapBytes = kShardUsers / 8;
// A gap takes a byte or two.
constexpr uint64_t kMostGaps = kBitmapBytes / 2;

}  // namespace

void FlipWriter::Add(int64_t set,
                     const std::array<uint64_t, kShardWords>& flips) {
  const uint64_t count = CountBits(flips);
  if (count == 0) return;
  PutVarint(&bytes_, static_cast<uint64_t>(set));
  PutVarint(&bytes_, count);
  if (count > kMostGaps) {
    bytes_.append(reinterpret_cast<const char*>(flips.data()), kBitmapBytes);
    return;
  }
  std::array<uint32_t, kMostGaps> users;
  ListBits(flips, users.data());
  uint32_t next = 0;
  for (uint64_t i = 0; i < count; ++i) {
    PutVarint(&bytes_, users[i] - next);
    next = users[i] + 1;
  }
}

std::string FlipWriter::Packed() const { return Pack(bytes_); }

std::string PackFlips(const std::vector<SetFlips>& all) {
  FlipWriter writer;
  for (const SetFlips& flips : all) {
    std::array<uint64_t, kShardWords> words{};
    for (uint32_t user : flips.users) {
      words[user / 64] |= uint64_t{1} << (user % 64);
    }
    writer.Add(flips.set, words);
  }
  return writer.Packed();
}

std::optional<std::vector<SetFlips>> UnpackFlips(std::string_view packed) {
  const auto bytes = Unpack(packed);
  if (!bytes) return std::nullopt;
  std::vector<SetFlips> all;
  ByteReader in(*bytes);
  while (in.ok() && in.left() > 0) {
    SetFlips& flips = all.emplace_back();
    flips.set = static_cast<int64_t>(in.Varint());
    const uint64_t count = in.Varint();
    if (count > kShardUsers) return std::nullopt;
    flips.users.resize(count);
    if (count > kMostGaps) {
      std::array<uint64_t, kShardWords> words;
      const std::string_view bitmap = in.Bytes(kBitmapBytes);
      if (!in.ok()) return std::nullopt;
      std::memcpy(words.data(), bitmap.data(), kBitmapBytes);
      if (CountBits(words) != count) return std::nullopt;
      ListBits(words, flips.users.data());
      continue;
    }
    uint64_t next = 0;
    for (uint32_t& user : flips.users) {
      next += in.Varint();
      if (next >= kShardUsers) return std::nullopt;
      user = static_cast<uint32_t>(next++);
    }
  }
  if (!in.ok()) return std::nullopt;
  return all;
}

}  // namespace rekindle

#include "config/base/hash.h"

#define XXH_INLINE_ALL  // ids are short: the call would cost as much again
#include <xxhash.h>

#include <cstring>

namespace rekindle {
namespace {

// The parts laid end to end, each after its length (8 bytes, little-endian);
// on the stack where they are short, as ids are.
class Laid {
 public:
  Laid(std::initializer_list<std::string_view> parts) {
    for (std::string_view part : parts) size_ += 8 + part.size();
    char* out = near_.data();
    if (size_ > near_.size()) {
      far_.resize(size_);
      out = far_.data();
    }
    begin_ = out;
    for (std::string_view part : parts) {
      uint64_t length = part.size();
      for (int i = 0; i < 8; ++i) {
        *out++ = static_cast<char>(length >> (8 * i));
      }
      if (!part.empty()) std::memcpy(out, part.data(), part.size());
      out += part.size();
    }
  }
  Laid(const Laid&) = delete;
  Laid& operator=(const Laid&) = delete;

  const char* data() const { return begin_; }
  size_t size() const { return size_; }

 private:
  std::array<char, 256> near_;
  std::string far_;
  const char* begin_ = nullptr;
  size_t size_ = 0;
};

}  // namespace

uint64_t StableHash(std::initializer_list<std::string_view> parts) {
  Laid laid(parts);
  return XXH3_64bits(laid.data(), laid.size());
}

std::string StableId(std::initializer_list<std::string_view> parts) {
  Laid laid(parts);
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(laid.data(), laid.size()));
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string id;
  id.reserve(2 * sizeof canonical.digest);
  for (unsigned char byte : canonical.digest) {
    id += kDigits[byte >> 4];
    id += kDigits[byte & 15];
  }
  return id;
}

std::array<uint64_t, 2> Hash128(std::string_view bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

}  // namespace rekindle

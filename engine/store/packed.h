// The format of blobs in the databases. Packed bytes are compressed (zstd) and
// led by a checksum (XXH3), so that damage on disk is noticed; sealed bytes
// have the checksum alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rekindle {

std::string Pack(std::string_view bytes);
// Nothing where the bytes are not what Pack gave.
std::optional<std::string> Unpack(std::string_view packed);

std::string Seal(std::string_view bytes);
// The bytes inside; nothing where they are not what Seal was given.
std::optional<std::string_view> Unseal(std::string_view sealed);

// Whole numbers in as few bytes as they need (LEB128); signed ones by zigzag,
// so that small negative numbers are short, too.
void PutVarint(std::string* out, uint64_t value);
inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^
         static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t zigzag) {
  return static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
}
inline void PutSigned(std::string* out, int64_t value) {
  PutVarint(out, ZigZag(value));
}
// A text led by its size.
inline void PutText(std::string* out, std::string_view text) {
  PutVarint(out, text.size());
  *out += text;
}

// Reads what was put. Past the end, or at a malformed number, everything reads
// as 0 and ok() is false from then on.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Varint() {
    if (rest_.empty() || static_cast<unsigned char>(rest_[0]) >= 0x80) {
      return LongVarint();
    }
    const auto value = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    return value;
  }
  int64_t Signed() { return UnZigZag(Varint()); }
  std::string_view Bytes(size_t size);

  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }

 private:
  uint64_t LongVarint();

  std::string_view rest_;
  bool ok_ = true;
};

// One number off the front of `bytes`; 0 where there is none.
uint64_t TakeVarint(std::string_view* bytes);

}  // namespace rekindle

#include "engine/store/packed.h"

#include <xxhash.h>
#include <zstd.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace rekindle {
namespace {

// The fast end: three times the speed of the usual level for a tenth more
// bytes on column-wise data.
constexpr int kLevel = 1;
constexpr size_t kChecksumSize = sizeof(XXH64_canonical_t);

// zstd's working memory is worth keeping: one a thread.
ZSTD_CCtx* Compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>
      context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  return context.get();
}

ZSTD_DCtx* Decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>
      context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  return context.get();
}

// Puts the checksum of what follows its place at the front.
void PutChecksum(std::string* sealed) {
  XXH64_canonical_t checksum;
  XXH64_canonicalFromHash(&checksum,
                          XXH3_64bits(sealed->data() + kChecksumSize,
                                      sealed->size() - kChecksumSize));
  std::memcpy(sealed->data(), &checksum, kChecksumSize);
}

}  // namespace

std::string Pack(std::string_view bytes) {
  const size_t bound = ZSTD_compressBound(bytes.size());
  // Most of it stays untouched, and is better not zeroed.
  const auto frame = std::make_unique_for_overwrite<char[]>(bound);
  const size_t size = ZSTD_compressCCtx(Compressor(), frame.get(), bound,
                                        bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size)) {
    throw std::runtime_error(std::string("cannot compress: ") +
                             ZSTD_getErrorName(size));
  }
  return Seal({frame.get(), size});
}

std::optional<std::string> Unpack(std::string_view packed) {
  const auto frame = Unseal(packed);
  if (!frame) return std::nullopt;
  const auto size = ZSTD_getFrameContentSize(frame->data(), frame->size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return std::nullopt;
  }
  std::string bytes(size, '\0');
  if (ZSTD_decompressDCtx(Decompressor(), bytes.data(), bytes.size(),
                          frame->data(), frame->size()) != size) {
    return std::nullopt;
  }
  return bytes;
}

std::string Seal(std::string_view bytes) {
  std::string sealed;
  sealed.reserve(kChecksumSize + bytes.size());
  sealed.resize(kChecksumSize);
  sealed += bytes;
  PutChecksum(&sealed);
  return sealed;
}

std::optional<std::string_view> Unseal(std::string_view sealed) {
  if (sealed.size() < kChecksumSize) return std::nullopt;
  XXH64_canonical_t checksum;
  std::memcpy(&checksum, sealed.data(), kChecksumSize);
  sealed.remove_prefix(kChecksumSize);
  if (XXH64_hashFromCanonical(&checksum) !=
      XXH3_64bits(sealed.data(), sealed.size())) {
    return std::nullopt;
  }
  return sealed;
}

void PutVarint(std::string* out, uint64_t value) {
  std::array<char, 10> bytes;
  size_t size = 0;
  for (; value >= 0x80; value >>= 7) {
    bytes[size++] = static_cast<char>(value | 0x80);
  }
  bytes[size++] = static_cast<char>(value);
  out->append(bytes.data(), size);
}

uint64_t ByteReader::LongVarint() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(rest_[i]);
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  rest_ = {};
  ok_ = false;
  return 0;
}

std::string_view ByteReader::Bytes(size_t size) {
  if (size > rest_.size()) {
    rest_ = {};
    ok_ = false;
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

uint64_t TakeVarint(std::string_view* bytes) {
  ByteReader in(*bytes);
  const uint64_t number = in.Varint();
  bytes->remove_prefix(bytes->size() - in.left());
  return number;
}

}  // namespace rekindle

#include "engine/columns/byte_scan.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

using Counts = std::array<uint8_t, kBlockUsers>;

// The floors of 64 users.
void FloorsOf(const uint8_t* active, const Floors& floors, uint8_t* out) {
  for (int i = 0; i < 64; ++i) out[i] = floors[active[i]];
}

#if defined(__x86_64__)

uint64_t Below64(const int32_t* values, int32_t bound) {
  const __m128i limit = _mm_set1_epi32(bound);
  const auto less = [&](int i) {
    const auto* at = reinterpret_cast<const __m128i*>(values + 4 * i);
    return _mm_cmplt_epi32(_mm_loadu_si128(at), limit);
  };
  uint64_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    const int i = part * 4;
    const __m128i low = _mm_packs_epi32(less(i), less(i + 1));
    const __m128i high = _mm_packs_epi32(less(i + 2), less(i + 3));
    const auto sixteen =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
    bits |= uint64_t{sixteen} << (16 * part);
  }
  return bits;
}

uint64_t Reached16(const uint8_t* counts, const uint8_t* floors) {
  uint64_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i count =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(counts + 16 * part));
    const __m128i floor =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(floors + 16 * part));
    const __m128i enough = _mm_cmpeq_epi8(_mm_max_epu8(count, floor), count);
    const auto sixteen = static_cast<uint32_t>(_mm_movemask_epi8(enough));
    bits |= uint64_t{sixteen} << (16 * part);
  }
  return bits;
}

__attribute__((target("avx2"))) uint64_t Reached32(const uint8_t* counts,
                                                   const uint8_t* floors) {
  uint64_t bits = 0;
  for (int part = 0; part < 2; ++part) {
    const __m256i count = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(counts + 32 * part));
    const __m256i floor = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(floors + 32 * part));
    const __m256i enough =
        _mm256_cmpeq_epi8(_mm256_max_epu8(count, floor), count);
    const auto half = static_cast<uint32_t>(_mm256_movemask_epi8(enough));
    bits |= uint64_t{half} << (32 * part);
  }
  return bits;
}

using ReachedWord = uint64_t (*)(const uint8_t*, const uint8_t*);
const ReachedWord kReachedWord =
    __builtin_cpu_supports("avx2") ? Reached32 : Reached16;

#else

uint64_t Below64(const int32_t* values, int32_t bound) {
  uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= uint64_t{values[i] < bound} << i;
  return bits;
}

uint64_t kReachedWord(const uint8_t* counts, const uint8_t* floors) {
  uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= uint64_t{counts[i] >= floors[i]} << i;
  return bits;
}

#endif

}  // namespace

void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = Below64(values + 64 * w, bound);
  }
}

void Reached(const Counts& active, const Counts* rows, size_t row_count,
             const Floors& floors, uint64_t* const* bits) {
  alignas(64) Counts needed;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    FloorsOf(active.data() + 64 * w, floors, needed.data() + 64 * w);
  }
  for (size_t row = 0; row < row_count; ++row) {
    for (uint32_t w = 0; w < kBlockWords; ++w) {
      bits[row][w] =
          kReachedWord(rows[row].data() + 64 * w, needed.data() + 64 * w);
    }
  }
}

}  // namespace rekindle

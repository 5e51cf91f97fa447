#include "engine/columns/byte_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

// The i-th of `bits` goes to the place of the i-th set bit of `places`.
uint64_t SpreadPlain(uint64_t bits, uint64_t places) {
  uint64_t spread = 0;
  for (; places != 0; places &= places - 1, bits >>= 1) {
    if (bits & 1) spread |= places & -places;
  }
  return spread;
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

void MarkedPlain(const uint8_t* marks, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = 0;
    for (int part = 0; part < 4; ++part, marks += 16) {
      const auto* at = reinterpret_cast<const __m128i*>(marks);
      const auto sixteen =
          static_cast<uint32_t>(_mm_movemask_epi8(_mm_loadu_si128(at)));
      bits[w] |= uint64_t{sixteen} << (16 * part);
    }
  }
}

__attribute__((target("avx512bw"))) void MarkedAtOnce(const uint8_t* marks,
                                                      uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = _mm512_movepi8_mask(_mm512_loadu_si512(marks + 64 * w));
  }
}

const auto kMarked =
    __builtin_cpu_supports("avx512bw") ? MarkedAtOnce : MarkedPlain;

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

__attribute__((target("avx512bw"))) uint64_t Reached64(const uint8_t* counts,
                                                       const uint8_t* floors) {
  return _mm512_cmpge_epu8_mask(_mm512_loadu_si512(counts),
                                _mm512_loadu_si512(floors));
}

using ReachedWord = uint64_t (*)(const uint8_t*, const uint8_t*);
const ReachedWord kReachedWord = __builtin_cpu_supports("avx512bw") ? Reached64
                                 : __builtin_cpu_supports("avx2")   ? Reached32
                                                                    : Reached16;

__attribute__((target("bmi2"))) uint64_t SpreadAtOnce(uint64_t bits,
                                                      uint64_t places) {
  return _pdep_u64(bits, places);
}

using SpreadWord = uint64_t (*)(uint64_t, uint64_t);
const SpreadWord kSpreadWord =
    __builtin_cpu_supports("bmi2") ? SpreadAtOnce : SpreadPlain;

#else

uint64_t Below64(const int32_t* values, int32_t bound) {
  uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= uint64_t{values[i] < bound} << i;
  return bits;
}

void MarkedPlain(const uint8_t* marks, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = 0;
    for (uint32_t i = 0; i < 64; ++i) {
      bits[w] |= uint64_t{marks[64 * w + i] != 0} << i;
    }
  }
}

const auto kMarked = MarkedPlain;

uint64_t kReachedWord(const uint8_t* counts, const uint8_t* floors) {
  uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= uint64_t{counts[i] >= floors[i]} << i;
  return bits;
}

const auto kSpreadWord = SpreadPlain;

#endif

}  // namespace

void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = Below64(values + 64 * w, bound);
  }
}

void Marked(const Marks& marks, std::array<uint64_t, kBlockWords>& bits) {
  kMarked(marks.data(), bits.data());
}

void Reached(const uint8_t* counts, const uint8_t* needed, size_t words,
             DenseBits& bits) {
  for (size_t w = 0; w < words; ++w) {
    bits[w] = kReachedWord(counts + 64 * w, needed + 64 * w);
  }
}

void Spread(const DenseBits& dense,
            const std::array<uint64_t, kBlockWords>& places,
            const std::array<uint16_t, kBlockWords>& before,
            std::array<uint64_t, kBlockWords>& bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = before[w] / 64, shift = before[w] % 64;
    // Twice by half of it, as a shift by 64 is none.
    const uint64_t next = dense[at + 1] << 1 << (63 - shift);
    bits[w] = kSpreadWord(dense[at] >> shift | next, places[w]);
  }
}

}  // namespace rekindle

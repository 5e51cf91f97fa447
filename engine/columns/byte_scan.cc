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

void LookUpPlain(const uint8_t* values, size_t words, const Floors& floors,
                 uint8_t* found) {
  // Known to be nowhere near what is written.
  const Floors table = floors;
  for (size_t i = 0; i < words * 64; ++i) found[i] = table[values[i]];
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

void BelowPlain(const int32_t* values, int32_t bound, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = Below64(values + 64 * w, bound);
  }
}

__attribute__((target("avx512f"))) void BelowAtOnce(const int32_t* values,
                                                    int32_t bound,
                                                    uint64_t* bits) {
  const __m512i limit = _mm512_set1_epi32(bound);
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = 0;
    for (int part = 0; part < 4; ++part, values += 16) {
      const uint64_t sixteen =
          _mm512_cmplt_epi32_mask(_mm512_loadu_si512(values), limit);
      bits[w] |= sixteen << (16 * part);
    }
  }
}

const auto kBelow =
    __builtin_cpu_supports("avx512f") ? BelowAtOnce : BelowPlain;

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

uint64_t Reached16(const uint8_t* counts, const uint8_t* needed) {
  uint64_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i count =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(counts + 16 * part));
    const __m128i least =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(needed + 16 * part));
    const __m128i enough = _mm_cmpeq_epi8(_mm_max_epu8(count, least), count);
    const auto sixteen = static_cast<uint32_t>(_mm_movemask_epi8(enough));
    bits |= uint64_t{sixteen} << (16 * part);
  }
  return bits;
}

void ReachedPlain(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = counted.before[w];
    bits[w] =
        SpreadPlain(Reached16(counts + at, needed + at), counted.users[w]) &
        others[w];
  }
}

__attribute__((target("avx2,bmi2"))) uint64_t Reached32(const uint8_t* counts,
                                                        const uint8_t* needed) {
  const __m256i count =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(counts));
  const __m256i least =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(needed));
  return static_cast<uint32_t>(_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_max_epu8(count, least), count)));
}

__attribute__((target("avx2,bmi2"))) void ReachedInHalves(
    const CountedUsers& counted, const uint8_t* counts, const uint8_t* needed,
    const uint64_t* others, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = counted.before[w];
    const uint64_t reached = Reached32(counts + at, needed + at) |
                             Reached32(counts + at + 32, needed + at + 32)
                                 << 32;
    bits[w] = _pdep_u64(reached, counted.users[w]) & others[w];
  }
}

__attribute__((target("avx512bw,bmi2"))) void ReachedAtOnce(
    const CountedUsers& counted, const uint8_t* counts, const uint8_t* needed,
    const uint64_t* others, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = counted.before[w];
    const uint64_t reached = _mm512_cmpge_epu8_mask(
        _mm512_loadu_si512(counts + at), _mm512_loadu_si512(needed + at));
    bits[w] = _pdep_u64(reached, counted.users[w]) & others[w];
  }
}

const auto kReached = !__builtin_cpu_supports("bmi2")      ? ReachedPlain
                      : __builtin_cpu_supports("avx512bw") ? ReachedAtOnce
                      : __builtin_cpu_supports("avx2")     ? ReachedInHalves
                                                           : ReachedPlain;

// A table of 256 bytes is two of 128, the highest bit says which.
__attribute__((target("avx512bw,avx512vbmi"))) void LookUpAtOnce(
    const uint8_t* values, size_t words, const Floors& floors, uint8_t* found) {
  const __m512i first = _mm512_loadu_si512(floors.data());
  const __m512i second = _mm512_loadu_si512(floors.data() + 64);
  const __m512i third = _mm512_loadu_si512(floors.data() + 128);
  const __m512i fourth = _mm512_loadu_si512(floors.data() + 192);
  for (size_t i = 0; i < words * 64; i += 64) {
    const __m512i value = _mm512_loadu_si512(values + i);
    _mm512_storeu_si512(
        found + i,
        _mm512_mask_blend_epi8(_mm512_movepi8_mask(value),
                               _mm512_permutex2var_epi8(first, value, second),
                               _mm512_permutex2var_epi8(third, value, fourth)));
  }
}

const auto kLookUp =
    __builtin_cpu_supports("avx512vbmi") ? LookUpAtOnce : LookUpPlain;

#else

void BelowPlain(const int32_t* values, int32_t bound, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = 0;
    for (uint32_t i = 0; i < 64; ++i) {
      bits[w] |= uint64_t{values[64 * w + i] < bound} << i;
    }
  }
}

void MarkedPlain(const uint8_t* marks, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = 0;
    for (uint32_t i = 0; i < 64; ++i) {
      bits[w] |= uint64_t{marks[64 * w + i] != 0} << i;
    }
  }
}

void ReachedPlain(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = counted.before[w];
    uint64_t reached = 0;
    for (uint32_t i = 0; i < 64; ++i) {
      reached |= uint64_t{counts[at + i] >= needed[at + i]} << i;
    }
    bits[w] = SpreadPlain(reached, counted.users[w]) & others[w];
  }
}

const auto kBelow = BelowPlain;
const auto kMarked = MarkedPlain;
const auto kReached = ReachedPlain;
const auto kLookUp = LookUpPlain;

#endif

}  // namespace

void Below(const int32_t* values, int32_t bound,
           std::array<uint64_t, kBlockWords>& bits) {
  kBelow(values, bound, bits.data());
}

void Marked(const Marks& marks, std::array<uint64_t, kBlockWords>& bits) {
  kMarked(marks.data(), bits.data());
}

void LookUp(const uint8_t* values, size_t words, const Floors& floors,
            uint8_t* found) {
  kLookUp(values, words, floors, found);
}

void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits) {
  kReached(counted, counts, needed, others, bits);
}

}  // namespace rekindle

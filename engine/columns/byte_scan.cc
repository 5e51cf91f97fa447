#include "engine/columns/byte_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

using Bits = std::array<uint64_t, kBlockWords>;

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

uint64_t Marked64(const uint8_t* marks) {
  uint64_t bits = 0;
  for (int part = 0; part < 4; ++part) {
    const auto* at = reinterpret_cast<const __m128i*>(marks + 16 * part);
    const auto sixteen =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_loadu_si128(at)));
    bits |= uint64_t{sixteen} << (16 * part);
  }
  return bits;
}

uint64_t Reached64(const uint8_t* counts, const uint8_t* needed) {
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

#else

// Bit i: holds(i).
template <class Holds>
uint64_t BitsOf64(Holds&& holds) {
  uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= uint64_t{holds(i)} << i;
  return bits;
}

uint64_t Below64(const int32_t* values, int32_t bound) {
  return BitsOf64([&](int i) { return values[i] < bound; });
}

uint64_t Marked64(const uint8_t* marks) {
  return BitsOf64([&](int i) { return marks[i] != 0; });
}

uint64_t Reached64(const uint8_t* counts, const uint8_t* needed) {
  return BitsOf64([&](int i) { return counts[i] >= needed[i]; });
}

#endif

}  // namespace

namespace plain {

void Below(const int32_t* values, int32_t bound, Bits& bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = Below64(values + 64 * w, bound);
  }
}

void Marked(const Marks& marks, Bits& bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = Marked64(marks.data() + 64 * w);
  }
}

void LookUp(const uint8_t* values, size_t words, const Floors& floors,
            uint8_t* found) {
  // A copy is known to be nowhere near what is written.
  const Floors table = floors;
  for (size_t i = 0; i < words * 64; ++i) found[i] = table[values[i]];
}

void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = counted.before[w];
    const uint64_t reached = Reached64(counts + at, needed + at);
    bits[w] = SpreadPlain(reached, counted.users[w]) & others[w];
  }
}

}  // namespace plain

#if defined(__x86_64__)

namespace halves {
namespace {

__attribute__((target("avx2,bmi2"))) uint64_t Reached32(const uint8_t* counts,
                                                        const uint8_t* needed) {
  const __m256i count =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(counts));
  const __m256i least =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(needed));
  return static_cast<uint32_t>(_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_max_epu8(count, least), count)));
}

}  // namespace

bool Work() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}

__attribute__((target("avx2,bmi2"))) void ReachedAmong(
    const CountedUsers& counted, const uint8_t* counts, const uint8_t* needed,
    const uint64_t* others, uint64_t* bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const size_t at = counted.before[w];
    const uint64_t low = Reached32(counts + at, needed + at);
    const uint64_t high = Reached32(counts + at + 32, needed + at + 32);
    bits[w] = _pdep_u64(low | high << 32, counted.users[w]) & others[w];
  }
}

}  // namespace halves

namespace {

__attribute__((target("avx512f"))) void BelowAtOnce(const int32_t* values,
                                                    int32_t bound, Bits& bits) {
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

__attribute__((target("avx512bw"))) void MarkedAtOnce(const Marks& marks,
                                                      Bits& bits) {
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    bits[w] = _mm512_movepi8_mask(_mm512_loadu_si512(marks.data() + 64 * w));
  }
}

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

const bool kWide = __builtin_cpu_supports("avx512bw");
const auto kBelow =
    __builtin_cpu_supports("avx512f") ? BelowAtOnce : plain::Below;
const auto kMarked = kWide ? MarkedAtOnce : plain::Marked;
const auto kLookUp = kWide && __builtin_cpu_supports("avx512vbmi")
                         ? LookUpAtOnce
                         : plain::LookUp;
const auto kReachedAmong = kWide && __builtin_cpu_supports("bmi2")
                               ? ReachedAtOnce
                           : halves::Work() ? halves::ReachedAmong
                                            : plain::ReachedAmong;

}  // namespace

#else

namespace halves {
bool Work() { return false; }
void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits) {
  plain::ReachedAmong(counted, counts, needed, others, bits);
}
}  // namespace halves

namespace {
const auto kBelow = plain::Below;
const auto kMarked = plain::Marked;
const auto kLookUp = plain::LookUp;
const auto kReachedAmong = plain::ReachedAmong;
}  // namespace

#endif

void Below(const int32_t* values, int32_t bound, Bits& bits) {
  kBelow(values, bound, bits);
}

void Marked(const Marks& marks, Bits& bits) { kMarked(marks, bits); }

void LookUp(const uint8_t* values, size_t words, const Floors& floors,
            uint8_t* found) {
  kLookUp(values, words, floors, found);
}

void ReachedAmong(const CountedUsers& counted, const uint8_t* counts,
                  const uint8_t* needed, const uint64_t* others,
                  uint64_t* bits) {
  kReachedAmong(counted, counts, needed, others, bits);
}

}  // namespace rekindle

#include "engine/columns/mask_scan.h"

#include "config/base/vector_code.h"
#include "engine/columns/byte_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

void PlaceOneByOne(const MaskBlock& block, MasksByUser& masks) {
  masks.fill(0);
  block.ForEach([&](uint32_t user, uint32_t mask) { masks[user] = mask; });
}

void CountOneByOne(std::span<const CountedMonth> months, DaysByUser& counts) {
  counts.fill(0);
  for (const auto& [masks, bits] : months) {
    for (uint32_t i = 0; i < kBlockUsers; ++i) {
      counts[i] += static_cast<uint16_t>(std::popcount((*masks)[i] & bits));
    }
  }
}

REKINDLE_VECTOR_CODE void MarkThoseWith(const uint32_t* masks, uint32_t bits,
                                        uint8_t* __restrict marks) {
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    marks[i] = (masks[i] & bits) != 0 ? kMark : 0;
  }
}

void AddPlain(const MasksByUser& masks, uint32_t bits, uint64_t* users) {
  Marks marks;
  std::array<uint64_t, kBlockWords> found;
  MarkThoseWith(masks.data(), bits, marks.data());
  Marked(marks, found);
  for (uint32_t w = 0; w < kBlockWords; ++w) users[w] |= found[w];
}

#if defined(__x86_64__)

// What compilers do not make of the loops above by themselves.
__attribute__((target("avx512f"))) void PlaceSixteen(const MaskBlock& block,
                                                     MasksByUser& masks) {
  const uint32_t* next = block.masks().data();
  uint32_t* place = masks.data();
  for (const uint64_t word : block.present()) {
    for (int part = 0; part < 4; ++part, place += 16) {
      const auto users = static_cast<__mmask16>(word >> (16 * part));
      _mm512_storeu_si512(place, _mm512_maskz_expandloadu_epi32(users, next));
      next += std::popcount(static_cast<uint32_t>(users));
    }
  }
}

__attribute__((target("avx512f,avx512vl,avx512vpopcntdq"))) void CountSixtyFour(
    std::span<const CountedMonth> months, DaysByUser& counts) {
  for (uint32_t i = 0; i < kBlockUsers; i += 64) {
    __m512i sums[4] = {};
    for (const auto& [masks, bits] : months) {
      const __m512i among = _mm512_set1_epi32(static_cast<int>(bits));
#pragma GCC unroll 4
      for (uint32_t part = 0; part < 4; ++part) {
        const __m512i days = _mm512_and_si512(
            _mm512_load_si512(masks->data() + i + 16 * part), among);
        sums[part] = _mm512_add_epi32(sums[part], _mm512_popcnt_epi32(days));
      }
    }
#pragma GCC unroll 4
    for (uint32_t part = 0; part < 4; ++part) {
      // Masked, as the plain one is said to read what is not set.
      _mm256_store_si256(
          reinterpret_cast<__m256i*>(counts.data() + i + 16 * part),
          _mm512_maskz_cvtepi32_epi16(0xffff, sums[part]));
    }
  }
}

__attribute__((target("avx512f"))) void AddSixteen(const MasksByUser& masks,
                                                   uint32_t bits,
                                                   uint64_t* users) {
  const __m512i among = _mm512_set1_epi32(static_cast<int>(bits));
  for (uint32_t i = 0; i < kBlockUsers; i += 16) {
    const uint64_t found =
        _mm512_test_epi32_mask(_mm512_loadu_si512(masks.data() + i), among);
    users[i / 64] |= found << (i % 64);
  }
}

const auto kPlace =
    __builtin_cpu_supports("avx512f") ? PlaceSixteen : PlaceOneByOne;
const auto kCount = __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512vpopcntdq")
                        ? CountSixtyFour
                        : CountOneByOne;

const auto kAdd = __builtin_cpu_supports("avx512f") ? AddSixteen : AddPlain;

#else

const auto kAdd = AddPlain;
const auto kPlace = PlaceOneByOne;
const auto kCount = CountOneByOne;

#endif

}  // namespace

void Place(const MaskBlock& block, MasksByUser& masks) { kPlace(block, masks); }

void CountDays(std::span<const CountedMonth> months, DaysByUser& counts) {
  kCount(months, counts);
}

void AddThoseWith(const MasksByUser& masks, uint32_t bits,
                  std::array<uint64_t, kBlockWords>& users) {
  kAdd(masks, bits, users.data());
}

}  // namespace rekindle

#include "engine/sets/bit_list.h"

#include <bit>

#include "config/base/vector_code.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

uint32_t* ListWord(uint64_t word, uint32_t first, uint32_t* numbers) {
  for (; word != 0; word &= word - 1) {
    *numbers++ = first + static_cast<uint32_t>(std::countr_zero(word));
  }
  return numbers;
}

#if defined(__x86_64__)

// Fewer bits than that in a word are taken faster one by one.
constexpr int kFew = 6;

__attribute__((target("avx512f,popcnt,bmi,bmi2"))) void ListPressed(
    std::span<const uint64_t> words, uint32_t* numbers) {
  const __m512i counted =
      _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (size_t w = 0; w < words.size(); ++w) {
    uint64_t word = words[w];
    const auto first = static_cast<uint32_t>(w * 64);
    if (std::popcount(word) < kFew) {
      numbers = ListWord(word, first, numbers);
      continue;
    }
    __m512i sixteen =
        _mm512_add_epi32(counted, _mm512_set1_epi32(static_cast<int>(first)));
    for (; word != 0; word >>= 16) {
      const auto wanted = static_cast<__mmask16>(word);
      const auto count = static_cast<uint32_t>(std::popcount(uint32_t{wanted}));
      // Only the places of the pressed ones are written.
      const auto places = static_cast<__mmask16>((uint32_t{1} << count) - 1);
      _mm512_mask_storeu_epi32(numbers, places,
                               _mm512_maskz_compress_epi32(wanted, sixteen));
      numbers += count;
      sixteen = _mm512_add_epi32(sixteen, _mm512_set1_epi32(16));
    }
  }
}

const bool kCanPress = __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("bmi2") &&
                       __builtin_cpu_supports("popcnt");

#endif

REKINDLE_VECTOR_CODE uint64_t CountIn(const uint64_t* words, size_t size) {
  uint64_t count = 0;
  for (size_t w = 0; w < size; ++w) count += std::popcount(words[w]);
  return count;
}

}  // namespace

uint64_t CountBits(std::span<const uint64_t> words) {
  return CountIn(words.data(), words.size());
}

namespace plain {

void ListBits(std::span<const uint64_t> words, uint32_t* numbers) {
  for (size_t w = 0; w < words.size(); ++w) {
    numbers = ListWord(words[w], static_cast<uint32_t>(w * 64), numbers);
  }
}

}  // namespace plain

void ListBits(std::span<const uint64_t> words, uint32_t* numbers) {
#if defined(__x86_64__)
  if (kCanPress) return ListPressed(words, numbers);
#endif
  plain::ListBits(words, numbers);
}

}  // namespace rekindle

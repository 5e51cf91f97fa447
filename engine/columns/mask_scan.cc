#include "engine/columns/mask_scan.h"

#include <algorithm>

#include "config/base/vector_code.h"
#include "engine/columns/byte_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

using Bits = std::array<uint64_t, kBlockWords>;

constexpr int32_t kWhole = 100'000;

using DaysByUser = std::array<uint32_t, kBlockUsers>;

REKINDLE_VECTOR_CODE void AddDays(const uint32_t* masks, uint32_t bits,
                                  uint32_t* __restrict days) {
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    days[i] += static_cast<uint32_t>(std::popcount(masks[i] & bits));
  }
}

void CountPlain(CountedMonths months, DaysByUser& days) {
  days.fill(0);
  for (const auto& [masks, bits] : months) {
    AddDays(masks->data(), bits, days.data());
  }
}

REKINDLE_VECTOR_CODE void MarkWithin(const uint32_t* days, uint32_t low,
                                     uint32_t high, uint8_t* __restrict marks) {
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    marks[i] = days[i] - low <= high - low ? kMark : 0;
  }
}

REKINDLE_VECTOR_CODE void MarkDropped(const uint32_t* now,
                                      const uint32_t* before, int32_t by,
                                      uint8_t* __restrict marks) {
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    const auto had = static_cast<int32_t>(before[i]);
    const int32_t fewer = had - static_cast<int32_t>(now[i]);
    marks[i] = (had > 0) & (fewer * kWhole >= had * by) ? kMark : 0;
  }
}

REKINDLE_VECTOR_CODE void MarkThoseWith(const uint32_t* masks, uint32_t bits,
                                        uint8_t* __restrict marks) {
  for (uint32_t i = 0; i < kBlockUsers; ++i) {
    marks[i] = (masks[i] & bits) != 0 ? kMark : 0;
  }
}

}  // namespace

namespace plain {

void Place(const MaskBlock& block, MasksByUser& masks) {
  masks.fill(0);
  block.ForEach([&](uint32_t user, uint32_t mask) { masks[user] = mask; });
}

void AnswerDays(CountedMonths months, std::span<const DaysWithin> questions) {
  DaysByUser days;
  CountPlain(months, days);
  Marks marks;
  Bits found;
  for (const auto& [at_least, at_most, users] : questions) {
    MarkWithin(days.data(), at_least, at_most, marks.data());
    Marked(marks, found);
    std::copy(found.begin(), found.end(), users);
  }
}

void AnswerDropped(CountedMonths now, CountedMonths before, int32_t by,
                   std::array<uint64_t, kBlockWords>& users) {
  DaysByUser now_days, before_days;
  CountPlain(now, now_days);
  CountPlain(before, before_days);
  Marks marks;
  MarkDropped(now_days.data(), before_days.data(), by, marks.data());
  Marked(marks, users);
}

void AddThoseWith(const MasksByUser& masks, uint32_t bits, Bits& users) {
  Marks marks;
  Bits found;
  MarkThoseWith(masks.data(), bits, marks.data());
  Marked(marks, found);
  for (uint32_t w = 0; w < kBlockWords; ++w) users[w] |= found[w];
}

}  // namespace plain

namespace {

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

#define REKINDLE_COUNTING __attribute__((target("avx512bw,avx512vpopcntdq")))

// Of 64 users, sixteen a vector.
struct Days64 {
  __m512i of[4];
};

REKINDLE_COUNTING inline Days64 Count64(CountedMonths months, uint32_t first) {
  Days64 days{};
  for (const auto& [masks, bits] : months) {
    const __m512i among = _mm512_set1_epi32(static_cast<int>(bits));
#pragma GCC unroll 4
    for (uint32_t part = 0; part < 4; ++part) {
      const __m512i there =
          _mm512_load_si512(masks->data() + first + 16 * part);
      days.of[part] = _mm512_add_epi32(
          days.of[part], _mm512_popcnt_epi32(_mm512_and_si512(there, among)));
    }
  }
  return days;
}

// holds(part) as sixteen bits, for the four parts of 64 users.
template <class Holds>
REKINDLE_COUNTING inline uint64_t Join64(Holds&& holds) {
  const __mmask32 low = _mm512_kunpackw(holds(1), holds(0));
  return _mm512_kunpackd(_mm512_kunpackw(holds(3), holds(2)), low);
}

// REQUIRES: none has more than 255. With all lanes in their masks these are the
// plain conversions, of which GCC 12 warns.
REKINDLE_COUNTING inline __m512i AsBytes(const Days64& days) {
  const auto two = [&](int part) REKINDLE_COUNTING {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(
            _mm512_maskz_cvtepi32_epi8(0xffff, days.of[part])),
        _mm512_maskz_cvtepi32_epi8(0xffff, days.of[part + 1]), 1);
  };
  return _mm512_maskz_inserti64x4(0xff, _mm512_castsi256_si512(two(0)), two(2),
                                  1);
}

// A question as AnswerInBytes compares: days - least <= room.
struct InBytes {
  __m512i least, room;
  uint64_t* users;
};

REKINDLE_COUNTING void AnswerInBytes(CountedMonths months,
                                     std::span<const DaysWithin> questions) {
  constexpr size_t kAtOnce = 16;
  InBytes asked[kAtOnce];
  while (!questions.empty()) {
    const size_t count = std::min(kAtOnce, questions.size());
    for (size_t q = 0; q < count; ++q) {
      const auto& [at_least, at_most, users] = questions[q];
      asked[q] = {_mm512_set1_epi8(static_cast<char>(at_least)),
                  _mm512_set1_epi8(static_cast<char>(at_most - at_least)),
                  users};
    }
    for (uint32_t i = 0; i < kBlockUsers; i += 64) {
      const __m512i days = AsBytes(Count64(months, i));
      for (size_t q = 0; q < count; ++q) {
        asked[q].users[i / 64] = _mm512_cmple_epu8_mask(
            _mm512_sub_epi8(days, asked[q].least), asked[q].room);
      }
    }
    questions = questions.subspan(count);
  }
}

REKINDLE_COUNTING void AnswerInWords(CountedMonths months,
                                     std::span<const DaysWithin> questions) {
  for (uint32_t i = 0; i < kBlockUsers; i += 64) {
    const Days64 days = Count64(months, i);
    for (const auto& [at_least, at_most, users] : questions) {
      const __m512i least = _mm512_set1_epi32(static_cast<int>(at_least));
      const __m512i room =
          _mm512_set1_epi32(static_cast<int>(at_most - at_least));
      users[i / 64] = Join64([&](int part) REKINDLE_COUNTING {
        return _mm512_cmple_epu32_mask(_mm512_sub_epi32(days.of[part], least),
                                       room);
      });
    }
  }
}

// Four times as many users a vector, where a byte holds whatever is counted.
REKINDLE_COUNTING void AnswerDaysAtOnce(CountedMonths months,
                                        std::span<const DaysWithin> questions) {
  uint32_t most = 0;
  for (const auto& [masks, bits] : months) {
    most += static_cast<uint32_t>(std::popcount(bits));
  }
  for (const DaysWithin& question : questions) {
    most = std::max(most, question.at_most);
  }
  if (most <= UINT8_MAX) {
    AnswerInBytes(months, questions);
  } else {
    AnswerInWords(months, questions);
  }
}

REKINDLE_COUNTING void AnswerDroppedAtOnce(CountedMonths now,
                                           CountedMonths before, int32_t by,
                                           Bits& users) {
  const __m512i whole = _mm512_set1_epi32(kWhole);
  const __m512i least = _mm512_set1_epi32(by);
  for (uint32_t i = 0; i < kBlockUsers; i += 64) {
    const Days64 has = Count64(now, i);
    const Days64 had = Count64(before, i);
    users[i / 64] = Join64([&](int part) REKINDLE_COUNTING {
      const __m512i fewer = _mm512_sub_epi32(had.of[part], has.of[part]);
      return _mm512_mask_cmpge_epi32_mask(
          _mm512_test_epi32_mask(had.of[part], had.of[part]),
          _mm512_mullo_epi32(fewer, whole),
          _mm512_mullo_epi32(had.of[part], least));
    });
  }
}

#undef REKINDLE_COUNTING

__attribute__((target("avx512f"))) void AddSixteen(const MasksByUser& masks,
                                                   uint32_t bits, Bits& users) {
  const __m512i among = _mm512_set1_epi32(static_cast<int>(bits));
  for (uint32_t i = 0; i < kBlockUsers; i += 16) {
    const uint64_t found =
        _mm512_test_epi32_mask(_mm512_loadu_si512(masks.data() + i), among);
    users[i / 64] |= found << (i % 64);
  }
}

const auto kPlace =
    __builtin_cpu_supports("avx512f") ? PlaceSixteen : plain::Place;
const bool kCountsAtOnce = __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512vpopcntdq");
const auto kAnswerDays = kCountsAtOnce ? AnswerDaysAtOnce : plain::AnswerDays;
const auto kAnswerDropped =
    kCountsAtOnce ? AnswerDroppedAtOnce : plain::AnswerDropped;
const auto kAdd =
    __builtin_cpu_supports("avx512f") ? AddSixteen : plain::AddThoseWith;

#else

const auto kAdd = plain::AddThoseWith;
const auto kPlace = plain::Place;
const auto kAnswerDays = plain::AnswerDays;
const auto kAnswerDropped = plain::AnswerDropped;

#endif

}  // namespace

void Place(const MaskBlock& block, MasksByUser& masks) { kPlace(block, masks); }

void AnswerDays(CountedMonths months, std::span<const DaysWithin> questions) {
  kAnswerDays(months, questions);
}

void AnswerDropped(CountedMonths now, CountedMonths before, int32_t by,
                   std::array<uint64_t, kBlockWords>& users) {
  kAnswerDropped(now, before, by, users);
}

void AddThoseWith(const MasksByUser& masks, uint32_t bits,
                  std::array<uint64_t, kBlockWords>& users) {
  kAdd(masks, bits, users);
}

}  // namespace rekindle

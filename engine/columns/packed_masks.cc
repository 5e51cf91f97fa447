#include "engine/columns/packed_masks.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

using Words = std::array<uint64_t, kBlockWords>;

void Clear(PackedMasks& packed) {
  packed.present.fill(0);
  packed.count = 0;
}

}  // namespace

namespace plain {

void JoinMasks(const MaskBlock& a, const MaskBlock& b, PackedMasks& joined) {
  const uint32_t* of_a = a.masks().data();
  const uint32_t* of_b = b.masks().data();
  uint32_t* next = joined.places.data();
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const uint64_t all = a.present()[w] | b.present()[w];
    for (uint64_t rest = all; rest != 0; rest &= rest - 1) {
      const uint64_t bit = rest & (~rest + 1);
      *next++ = ((a.present()[w] & bit) != 0 ? *of_a++ : 0) |
                ((b.present()[w] & bit) != 0 ? *of_b++ : 0);
    }
    joined.present[w] = all;
  }
  joined.count = static_cast<size_t>(next - joined.places.data());
}

void PackRows(uint32_t* rows, size_t stride, const Words& touched,
              std::span<PackedMasks> columns) {
  std::array<uint32_t, kBlockUsers> users;
  size_t count = 0;
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    for (uint64_t rest = touched[w]; rest != 0; rest &= rest - 1) {
      users[count++] = w * 64 + static_cast<uint32_t>(std::countr_zero(rest));
    }
  }
  for (size_t column = 0; column < columns.size(); ++column) {
    PackedMasks& packed = columns[column];
    Clear(packed);
    // Without branches: who did what is anybody's guess.
    for (size_t i = 0; i < count; ++i) {
      const uint32_t user = users[i];
      const uint32_t mask = rows[user * stride + column];
      packed.places[packed.count] = mask;
      packed.count += mask != 0;
      packed.present[user / 64] |= uint64_t{mask != 0} << (user % 64);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    std::fill_n(rows + users[i] * stride, stride, 0);
  }
}

}  // namespace plain

namespace {

#if defined(__x86_64__)

#define REKINDLE_SIXTEEN __attribute__((target("avx512f,popcnt")))

REKINDLE_SIXTEEN void JoinAtOnce(const MaskBlock& a, const MaskBlock& b,
                                 PackedMasks& joined) {
  const uint32_t* of_a = a.masks().data();
  const uint32_t* of_b = b.masks().data();
  uint32_t* next = joined.places.data();
  for (uint32_t w = 0; w < kBlockWords; ++w) {
    const uint64_t in_a = a.present()[w], in_b = b.present()[w];
    joined.present[w] = in_a | in_b;
    for (int part = 0; part < 64; part += 16) {
      const auto some_a = static_cast<__mmask16>(in_a >> part);
      const auto some_b = static_cast<__mmask16>(in_b >> part);
      const auto some = static_cast<__mmask16>(some_a | some_b);
      const __m512i masks =
          _mm512_or_si512(_mm512_maskz_expandloadu_epi32(some_a, of_a),
                          _mm512_maskz_expandloadu_epi32(some_b, of_b));
      _mm512_storeu_si512(next, _mm512_maskz_compress_epi32(some, masks));
      of_a += std::popcount(static_cast<uint32_t>(some_a));
      of_b += std::popcount(static_cast<uint32_t>(some_b));
      next += std::popcount(static_cast<uint32_t>(some));
    }
  }
  joined.count = static_cast<size_t>(next - joined.places.data());
}

// Sixteen rows of sixteen become sixteen columns of sixteen. With all lanes in
// their masks these are the plain instructions, of which GCC 12 warns.
REKINDLE_SIXTEEN inline void Transpose(__m512i (&v)[16]) {
  constexpr __mmask16 kAll = 0xffff;
  constexpr __mmask8 kAllWide = 0xff;
  __m512i t[16], u[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_maskz_unpacklo_epi32(kAll, v[i], v[i + 1]);
    t[i + 1] = _mm512_maskz_unpackhi_epi32(kAll, v[i], v[i + 1]);
  }
  // u[4 i + j]: columns j, 4 + j, 8 + j and 12 + j of rows 4 i to 4 i + 3.
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    u[i] = _mm512_maskz_unpacklo_epi64(kAllWide, t[i], t[i + 2]);
    u[i + 1] = _mm512_maskz_unpackhi_epi64(kAllWide, t[i], t[i + 2]);
    u[i + 2] = _mm512_maskz_unpacklo_epi64(kAllWide, t[i + 1], t[i + 3]);
    u[i + 3] = _mm512_maskz_unpackhi_epi64(kAllWide, t[i + 1], t[i + 3]);
  }
  constexpr int kEven = 0x88, kOdd = 0xdd;  // parts 0 and 2, 1 and 3 of each
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const __m512i first =
        _mm512_maskz_shuffle_i32x4(kAll, u[j], u[4 + j], kEven);
    const __m512i second =
        _mm512_maskz_shuffle_i32x4(kAll, u[8 + j], u[12 + j], kEven);
    const __m512i third =
        _mm512_maskz_shuffle_i32x4(kAll, u[j], u[4 + j], kOdd);
    const __m512i fourth =
        _mm512_maskz_shuffle_i32x4(kAll, u[8 + j], u[12 + j], kOdd);
    v[j] = _mm512_maskz_shuffle_i32x4(kAll, first, second, kEven);
    v[4 + j] = _mm512_maskz_shuffle_i32x4(kAll, third, fourth, kEven);
    v[8 + j] = _mm512_maskz_shuffle_i32x4(kAll, first, second, kOdd);
    v[12 + j] = _mm512_maskz_shuffle_i32x4(kAll, third, fourth, kOdd);
  }
}

// The columns are sixteen at most.
REKINDLE_SIXTEEN void SixteenRows(uint32_t* rows, size_t stride,
                                  uint32_t first_user,
                                  std::span<PackedMasks> columns) {
  __m512i masks[16];
#pragma GCC unroll 16
  for (size_t i = 0; i < 16; ++i) {
    masks[i] = _mm512_loadu_si512(rows + i * stride);
    _mm512_storeu_si512(rows + i * stride, _mm512_setzero_si512());
  }
  Transpose(masks);
  for (size_t column = 0; column < columns.size(); ++column) {
    PackedMasks& packed = columns[column];
    const __mmask16 some = _mm512_test_epi32_mask(masks[column], masks[column]);
    _mm512_storeu_si512(packed.places.data() + packed.count,
                        _mm512_maskz_compress_epi32(some, masks[column]));
    packed.count +=
        static_cast<size_t>(std::popcount(static_cast<uint32_t>(some)));
    packed.present[first_user / 64] |= uint64_t{some} << (first_user % 64);
  }
}

REKINDLE_SIXTEEN void RowsAtOnce(uint32_t* rows, size_t stride,
                                 const Words& touched,
                                 std::span<PackedMasks> columns) {
  if (stride % 16 != 0) return plain::PackRows(rows, stride, touched, columns);
  for (PackedMasks& packed : columns) Clear(packed);
  for (uint32_t user = 0; user < kBlockUsers; user += 16) {
    if ((touched[user / 64] >> (user % 64) & 0xffff) == 0) continue;
    for (size_t column = 0; column < stride; column += 16) {
      const size_t begin = std::min(column, columns.size());
      const size_t count = std::min<size_t>(16, columns.size() - begin);
      SixteenRows(rows + user * stride + column, stride, user,
                  columns.subspan(begin, count));
    }
  }
}

#undef REKINDLE_SIXTEEN

const bool kSixteenAtOnce =
    __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("popcnt");
const auto kJoinMasks = kSixteenAtOnce ? JoinAtOnce : plain::JoinMasks;
const auto kPackRows = kSixteenAtOnce ? RowsAtOnce : plain::PackRows;

#else

const auto kJoinMasks = plain::JoinMasks;
const auto kPackRows = plain::PackRows;

#endif

}  // namespace

void JoinMasks(const MaskBlock& a, const MaskBlock& b, PackedMasks& joined) {
  kJoinMasks(a, b, joined);
}

void PackRows(uint32_t* rows, size_t stride, const Words& touched,
              std::span<PackedMasks> columns) {
  kPackRows(rows, stride, touched, columns);
}

}  // namespace rekindle

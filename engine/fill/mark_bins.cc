#include "engine/fill/mark_bins.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

constexpr size_t kLineBytes = 64;

#if defined(__x86_64__)

void WriteParts(const void* from, void* to) {
  const auto* source = static_cast<const __m128i*>(from);
  auto* target = static_cast<__m128i*>(to);
  for (size_t i = 0; i < kLineBytes / sizeof(__m128i); ++i) {
    _mm_stream_si128(target + i, _mm_load_si128(source + i));
  }
}

__attribute__((target("avx512f"))) void WriteWhole(const void* from, void* to) {
  _mm512_stream_si512(static_cast<__m512i*>(to), _mm512_load_si512(from));
}

const auto kWriteLine =
    __builtin_cpu_supports("avx512f") ? WriteWhole : WriteParts;

#else

void kWriteLine(const void* from, void* to) {
  std::memcpy(to, from, kLineBytes);
}

#endif

}  // namespace

void MarkBins::Publish() {
#if defined(__x86_64__)
  _mm_sfence();  // what streams past the cache is in no order otherwise
#endif
}

void MarkBins::Clear() {
  for (Bin& bin : bins_) {
    bin.pages.clear();
    bin.lines = 0;
  }
  std::fill(counts_.begin(), counts_.end(), 0);
  used_ = 0;
}

void MarkBins::Grow(size_t bins) {
  begun_.resize(bins);
  counts_.resize(bins);
  bins_.resize(bins);
}

void MarkBins::Store(size_t bin) {
  Bin& into = bins_[bin];
  const size_t line = into.lines % kPageLines;
  if (line == 0) {
    if (used_ == pages_.size()) pages_.push_back(std::make_unique<Page>());
    into.pages.push_back(pages_[used_++].get());
  }
  static_assert(sizeof(Line) == kLineBytes);
  // The line of memory is not read before.
  kWriteLine(&begun_[bin], &(*into.pages.back())[line]);
  ++into.lines;
  counts_[bin] = 0;
}

}  // namespace rekindle

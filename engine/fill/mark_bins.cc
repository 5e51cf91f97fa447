#include "engine/fill/mark_bins.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

// `from` goes to `to`, a whole line of memory, without that being read.
template <class Line>
void WriteLine(const Line& from, Line* to) {
#if defined(__x86_64__)
  const auto* source = reinterpret_cast<const __m128i*>(&from);
  auto* target = reinterpret_cast<__m128i*>(to);
  for (size_t i = 0; i < sizeof(Line) / sizeof(__m128i); ++i) {
    _mm_stream_si128(target + i, _mm_load_si128(source + i));
  }
#else
  *to = from;
#endif
}

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
  WriteLine(begun_[bin], &(*into.pages.back())[line]);
  ++into.lines;
  counts_[bin] = 0;
}

}  // namespace rekindle

// Marks of events, sorted into bins by block of users.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "config/base/prefetch.h"
#include "engine/columns/mask_block.h"

namespace rekindle {

// One event of a block of users in eight bytes: from the top, the instant
// (epoch ms), the number of the set of behaviors that it is one of, and the
// user's number within the block.
class Mark {
 public:
  // Instants from 1970 to 2109 fit.
  static bool Fits(int64_t at) {
    return 0 <= at && at < int64_t{1} << (64 - kLowBits);
  }
  static constexpr uint32_t kSets = 1 << 10;

  Mark() = default;
  // REQUIRES: Fits(at), and the set is below kSets.
  Mark(int64_t at, uint32_t set, uint32_t user)
      : bits_(static_cast<uint64_t>(at) << kLowBits | set << kUserBits | user) {
  }

  int64_t at() const { return static_cast<int64_t>(bits_ >> kLowBits); }
  uint32_t set() const {
    return static_cast<uint32_t>(bits_ >> kUserBits) % kSets;
  }
  uint32_t user() const { return static_cast<uint32_t>(bits_) % kBlockUsers; }

 private:
  static constexpr int kUserBits = 12;
  static constexpr int kLowBits = kUserBits + 10;
  static_assert(kBlockUsers == 1 << kUserBits);

  uint64_t bits_ = 0;
};

// One bin for each block. Written one by one, marks would each touch a line of
// memory that has long left the cache. So they are gathered a line at a time,
// and whole lines are written past the cache, which need not be read first
// ("software write-combining": Wassenberg, Sanders: Engineering a Multi-core
// Radix Sort, Euro-Par 2011). One thread puts; others may read after Publish.
class MarkBins {
 public:
  void Put(size_t bin, Mark mark) {
    if (bin >= bins_.size()) Grow(bin + 1);
    uint8_t& count = counts_[bin];
    begun_[bin][count] = mark;
    if (++count == kLineMarks) Store(bin);
  }
  // Makes what was put visible to threads that are told of it afterwards.
  void Publish();

  // One more than the largest bin that was ever put to; 0: none.
  size_t size() const { return bins_.size(); }
  bool empty(size_t bin) const;
  // f(span of marks), in the order in which they were put.
  template <class F>
  void ForEach(size_t bin, F&& f) const;

  // All bins are empty again; the memory stays.
  void Clear();

 private:
  static constexpr size_t kLineMarks = 8;
  struct alignas(kLineMarks * sizeof(Mark)) Line
      : std::array<Mark, kLineMarks> {};
  static constexpr size_t kPageLines = 64;
  using Page = std::array<Line, kPageLines>;
  struct Bin {
    std::vector<Page*> pages;
    size_t lines = 0;  // in all pages
  };

  void Grow(size_t bins);
  // The line that the bin has begun goes to its pages.
  void Store(size_t bin);

  std::vector<Line> begun_;      // by bin
  std::vector<uint8_t> counts_;  // of marks in those
  std::vector<Bin> bins_;
  std::vector<std::unique_ptr<Page>> pages_;
  size_t used_ = 0;  // of pages_
};

inline bool MarkBins::empty(size_t bin) const {
  return bin >= bins_.size() || (bins_[bin].lines == 0 && counts_[bin] == 0);
}

template <class F>
void MarkBins::ForEach(size_t bin, F&& f) const {
  if (empty(bin)) return;
  size_t lines = bins_[bin].lines;
  const std::vector<Page*>& pages = bins_[bin].pages;
  for (size_t i = 0; i < pages.size(); ++i) {
    // Pages stand anywhere: the processor does not guess the next one.
    if (i + 1 < pages.size()) PrefetchRange(pages[i + 1], pages[i + 1] + 1);
    const size_t here = std::min(lines, kPageLines);
    f(std::span<const Mark>(pages[i]->front().data(), here * kLineMarks));
    lines -= here;
  }
  f(std::span<const Mark>(begun_[bin]).first(counts_[bin]));
}

}  // namespace rekindle

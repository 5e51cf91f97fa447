// Memory for large tables that are read at random: on huge pages, so that most
// reads need no walk through the page tables.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace rekindle {

// An allocator. Blocks smaller than a huge page (2 MB) are ordinary memory.
template <class T>
struct HugePages {
  using value_type = T;

  HugePages() = default;
  template <class U>
  HugePages(const HugePages<U>&) {}

  T* allocate(size_t count) {
    constexpr size_t kPage = size_t{2} << 20;
    const size_t size = count * sizeof(T);
    constexpr size_t kLeast = std::max(alignof(T), alignof(std::max_align_t));
    const size_t unit = size < kPage ? kLeast : kPage;
    const size_t rounded = (size + unit - 1) / unit * unit;
    void* memory = std::aligned_alloc(unit, rounded);
    if (memory == nullptr) throw std::bad_alloc();
    // Advice only: without huge pages it is as good, and slower.
    if (unit == kPage) ::madvise(memory, rounded, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t) { std::free(memory); }

  friend bool operator==(const HugePages&, const HugePages&) { return true; }
};

}  // namespace rekindle

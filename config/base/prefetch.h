// Brings memory into the processor's cache before it is read.
#pragma once

#include <cstddef>

namespace rekindle {

// Begins to fetch the bytes [begin, end), for a caller that does something else
// before it reads them.
inline void PrefetchRange(const void* begin, const void* end) {
  constexpr size_t kCacheLine = 64;
  const auto* last = static_cast<const char*>(end) - 1;
  for (const auto* at = static_cast<const char*>(begin); at < last;
       at += kCacheLine) {
    __builtin_prefetch(at);
  }
  __builtin_prefetch(last);
}

// The object itself, not what it points to.
template <class T>
void PrefetchObject(const T& object) {
  PrefetchRange(&object, &object + 1);
}

}  // namespace rekindle

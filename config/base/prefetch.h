// Memory brought near before it is read.
#pragma once

#include <cstddef>

namespace rekindle {

// Begins to fetch the object itself (not what it points to), for a loop that
// comes to it soon: meanwhile it does something else.
template <class T>
void PrefetchObject(const T& object) {
  constexpr size_t kCacheLine = 64;
  const auto* line = reinterpret_cast<const char*>(&object);
  for (size_t at = 0; at < sizeof(T); at += kCacheLine) {
    __builtin_prefetch(line + at);
  }
  __builtin_prefetch(line + sizeof(T) - 1);
}

}  // namespace rekindle

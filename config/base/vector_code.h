// Vectorised loops: a macro that compiles a function for several kinds of
// processor, and a vector type for loops that compilers do not vectorise.
#pragma once

#include <cstdint>

namespace rekindle {

// Sixteen 32-bit numbers at any address divisible by 4. Processors work on all
// at once, or in a few pieces.
using Sixteen =
    uint32_t __attribute__((vector_size(64), aligned(4), may_alias));

}  // namespace rekindle

// Before a function whose loops the compiler can do in vectors: one version of
// it for AVX-512, one for AVX2 and one for every x86-64. The choice is made
// when the program is loaded, not at the first call. Elsewhere, and under
// sanitizers (which start later than that), there is one version.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define REKINDLE_VECTOR_CODE \
  __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define REKINDLE_VECTOR_CODE
#endif

// Loops in vectors: plain ones compiled several times, the processor choosing
// among them, and a type for those that compilers leave plain.
#pragma once

#include <cstdint>

namespace rekindle {

// Sixteen numbers that stand anywhere, worked on as the processor can: at once,
// or in a few pieces.
using Sixteen =
    uint32_t __attribute__((vector_size(64), aligned(4), may_alias));

}  // namespace rekindle

// Before a function whose loops the compiler can do in vectors: one version of
// it for AVX-512, one for AVX2 and one for every x86-64. The first call has no
// more to choose; elsewhere, and under sanitizers (which start later than the
// choice is made), there is one version.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define REKINDLE_VECTOR_CODE \
  __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define REKINDLE_VECTOR_CODE
#endif

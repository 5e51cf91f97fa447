// What this process holds.
#pragma once

#include <cstdint>

namespace rekindle::bench {

int64_t ResidentBytes();   // as the kernel counts
int64_t AllocatedBytes();  // as malloc counts: handed out and not given back

}  // namespace rekindle::bench

#include "tests/bench/programs/process_memory.h"

#include <jemalloc/jemalloc.h>
#include <unistd.h>

#include <fstream>

namespace rekindle::bench {

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

int64_t AllocatedBytes() {
  // The statistics are those of the epoch, which begins anew when it is set.
  uint64_t epoch = 1;
  ::mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  size_t allocated = 0, size = sizeof allocated;
  ::mallctl("stats.allocated", &allocated, &size, nullptr, 0);
  return static_cast<int64_t>(allocated);
}

}  // namespace rekindle::bench

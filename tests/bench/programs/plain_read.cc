#include "tests/bench/programs/plain_read.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

constexpr size_t kMoreThanCaches = size_t{256} << 20;

// Eight sums at once: one alone would wait for its own additions.
uint64_t Sum(const uint64_t* words, size_t count) {
  uint64_t sums[8] = {};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (size_t k = 0; k < 8; ++k) sums[k] += words[i + k];
  }
  for (; i < count; ++i) sums[0] += words[i];
  return std::accumulate(sums, sums + 8, uint64_t{0});
}

}  // namespace

PlainRead::PlainRead(size_t bytes)
    : words_(std::max<size_t>(bytes / sizeof(uint64_t), kThreads), 1) {}

double PlainRead::Run() {
  std::atomic<uint64_t> sum = 0;
  const size_t share = words_.size() / kThreads;
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back(
          [&, t] { sum += Sum(words_.data() + t * share, share); });
    }
  }
  const double seconds = watch.Seconds();
  sum_ += sum;
  return seconds;
}

void ColdCaches() {
  static PlainRead elsewhere(kMoreThanCaches);
  elsewhere.Run();
}

}  // namespace rekindle::bench

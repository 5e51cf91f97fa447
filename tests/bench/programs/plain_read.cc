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
    : words_(std::max<size_t>(bytes / sizeof(uint64_t), 2), 1) {}

// The other thread stands ready before the watch starts: what is timed is
// reading, not making threads.
double PlainRead::Run() {
  const size_t half = words_.size() / 2;
  std::atomic<bool> ready = false, go = false;
  uint64_t others = 0;
  std::thread other([&] {
    ready = true;
    while (!go) {
    }
    others = Sum(words_.data() + half, words_.size() - half);
  });
  while (!ready) {
  }
  const Stopwatch watch;
  go = true;
  sum_ += Sum(words_.data(), half);
  other.join();
  const double seconds = watch.Seconds();
  sum_ += others;
  return seconds;
}

double PlainReads::Run(size_t bytes) {
  const auto [read, is_new] = reads_.try_emplace(bytes, bytes);
  if (is_new) read->second.Run();
  ColdCaches();
  return read->second.Run();
}

void ColdCaches() {
  static PlainRead elsewhere(kMoreThanCaches);
  elsewhere.Run();
}

}  // namespace rekindle::bench

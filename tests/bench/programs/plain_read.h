// What the memory of this machine gives: a plain read of so many bytes by two
// threads, the reference of every scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace rekindle::bench {

class PlainRead {
 public:
  explicit PlainRead(size_t bytes);
  // Reads it all once; returns the seconds.
  double Run();

 private:
  std::vector<uint64_t> words_;
  uint64_t sum_ = 0;  // keeps the reads from being left out
};

// Reads of several sizes, each with cold caches. The memory of each is kept,
// and read once before it counts: what is new is slow under some hypervisors.
class PlainReads {
 public:
  // Reads so many bytes; returns the seconds.
  double Run(size_t bytes);

 private:
  std::map<size_t, PlainRead> reads_;
};

// Walks over more memory than the caches hold, so that what is timed next
// begins with cold ones.
void ColdCaches();

}  // namespace rekindle::bench

// Random numbers that are the same on every machine (SplitMix64), and draws
// whose shares come out level.
#pragma once

#include <cstdint>

namespace rekindle {

inline uint64_t MixBits(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

class Random {
 public:
  // Streams of different keys are independent.
  Random(uint64_t seed, uint64_t a, uint64_t b)
      : state_(MixBits(MixBits(MixBits(seed + kStep) + a * kStep) + b)) {}

  uint64_t Next() { return MixBits(state_ += kStep); }
  // 0 .. n-1.
  uint32_t Below(uint32_t n) {
    return static_cast<uint32_t>(((Next() >> 32) * n) >> 32);
  }
  // low .. high.
  int Between(int low, int high) {
    return low + static_cast<int>(Below(high - low + 1));
  }
  bool Chance(int per_mille) {
    return static_cast<int>(Below(1000)) < per_mille;
  }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;
  uint64_t state_;
};

// Yes or no with a share that is met over any run of draws, give or take one,
// while each single draw looks random.
class Dither {
 public:
  bool Draw(Random& random, int per_mille) {
    owed_ += per_mille;
    bool yes = owed_ > static_cast<int>(random.Below(1000));
    if (yes) owed_ -= 1000;
    return yes;
  }

 private:
  int owed_ = 0;
};

}  // namespace rekindle

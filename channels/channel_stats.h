// What went through a channel since the start, for /metrics and the pages.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "channels/adapter/adapter.h"

namespace rekindle {

constexpr size_t kOutcomeClasses = 6;

// A plain value: copy it to read it.
struct ChannelStats {
  // Upper bounds of the buckets of send times, in seconds; the last is open.
  static constexpr std::array<double, 12> kBuckets = {
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

  std::array<int64_t, kOutcomeClasses> outcomes{};  // by OutcomeClass
  std::array<int64_t, kBuckets.size() + 1> took{};  // not cumulative
  double seconds = 0;                               // all send times
  int64_t dropped = 0;
  int64_t in_flight = 0;
  double cost = 0;

  void Add(const Outcome& outcome, std::chrono::steady_clock::duration time);
  int64_t count() const;
  // The bucket's bound below which `share` of all send times lie: 0 where there
  // are none, the last bound where they lie beyond it.
  double Quantile(double share) const;
};

}  // namespace rekindle

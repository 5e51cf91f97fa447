// What the intake counts, for the metrics and the pages.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "daemon/intake/call.h"

namespace rekindle {

// Thread-safe; counters only grow, but for `connections` and `failing`,
// which tell the present.
class IntakeStats {
 public:
  // Every status the intake answers with.
  static constexpr std::array kStatuses = {200, 204, 302, 400, 401, 404,
                                           405, 413, 415, 429, 431, 503};
  // Upper bounds of the latency buckets, in milliseconds; the last is open.
  static constexpr std::array kBuckets = {1,   2,   5,   10,   20,   50,
                                          100, 200, 500, 1000, 2000, 5000};
  static constexpr size_t kRefusals = 4;

  // `took` from the body's last byte to the answer; 0 where no request was
  // read.
  void CountRequest(int status, std::chrono::microseconds took);
  void CountRefused(Refusal refusal, int64_t messages) {
    refused_[static_cast<size_t>(refusal)] += messages;
  }

  int64_t requests(int status) const;
  int64_t refused(Refusal refusal) const {
    return refused_[static_cast<size_t>(refusal)];
  }
  int64_t refused() const;
  // Requests that took at most kBuckets[bucket]; all of them beyond the last.
  int64_t within(size_t bucket) const;
  double seconds() const { return microseconds_ / 1e6; }

  std::atomic<int64_t> accepted = 0;    // messages
  std::atomic<int64_t> duplicate = 0;   // messages
  std::atomic<int64_t> clocks_off = 0;  // messages dated by their arrival
  std::atomic<int64_t> body_bytes = 0;  // uncompressed
  std::atomic<int64_t> connections = 0;
  std::atomic<bool> failing = false;  // the last commit failed

 private:
  std::array<std::atomic<int64_t>, kStatuses.size()> requests_{};
  std::array<std::atomic<int64_t>, kRefusals> refused_{};
  std::array<std::atomic<int64_t>, kBuckets.size() + 1> took_{};
  std::atomic<int64_t> microseconds_ = 0;
};

}  // namespace rekindle

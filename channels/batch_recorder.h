// From an adapter's outcomes to the ledger, while a batch is under way.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "channels/adapter.h"
#include "config/base/clock.h"

namespace rekindle {

// When to try again after the `attempt`-th try (from 1) ended temporarily: full
// jitter, a random delay up to base 1 s doubled with each attempt, at most 5
// minutes. The draw is a hash of touch and attempt. Later than `now`.
Instant BackedOff(const ClaimedTouch& touch, Instant now);

// What a batch came to.
struct BatchCounts {
  int64_t accepted = 0;
  int64_t failed = 0;
  int64_t retried = 0;
  int64_t unknown = 0;
  // The first account error, with the longest time to wait.
  std::optional<std::string> account_error;
  std::chrono::seconds account_pause{0};
};

// Records outcomes in small transactions as they arrive, so that a crash
// leaves few of them unknown. One batch, one thread.
class BatchRecorder {
 public:
  // All outlive the recorder.
  BatchRecorder(Ledger& ledger, const Clock& clock,
                std::span<const ClaimedTouch> touches);

  // Never throws: an adapter is not to be torn out of its work. What could not
  // be written is kept for Finish. A second outcome of one touch is ignored.
  void Report(size_t index, Outcome outcome);

  // Writes the rest; touches without an outcome become unknown, with
  // `missing` as the detail. Throws what the ledger throws.
  void Finish(const std::string& missing);

  const BatchCounts& counts() const { return counts_; }

 private:
  AttemptResult ResultOf(const ClaimedTouch& touch, Outcome outcome);
  void Flush();

  Ledger& ledger_;
  const Clock& clock_;
  const std::span<const ClaimedTouch> touches_;
  std::vector<bool> reported_;
  std::vector<AttemptResult> pending_;
  std::chrono::steady_clock::time_point flushed_;
  BatchCounts counts_;
};

}  // namespace rekindle

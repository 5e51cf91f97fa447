// A bound on the memory that requests take until they are answered: what the
// intake holds is counted in bytes, not in requests. One request may go beyond
// it while there is no other; the limits of its body and its messages bound it.
#pragma once

#include <atomic>
#include <cstdint>

namespace rekindle {

// Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t most) : most_(most) {}

  void SetMost(int64_t most) { most_ = most; }
  int64_t used() const { return used_; }

  // Takes `bytes` for a request that holds `held` already. False, with nothing
  // taken, where they do not fit beside what others hold. A request that is
  // alone gets more than the bound too: else it would wait for nobody, for
  // ever.
  bool Take(int64_t bytes, int64_t held) {
    const int64_t before = used_.fetch_add(bytes);
    if (before == held || before + bytes <= most_) return true;
    used_ -= bytes;
    return false;
  }
  void Give(int64_t bytes) { used_ -= bytes; }

 private:
  std::atomic<int64_t> used_ = 0;
  std::atomic<int64_t> most_;
};

// One request's share, given back at the end of its life.
class MemoryShare {
 public:
  explicit MemoryShare(MemoryBudget& budget) : budget_(budget) {}
  ~MemoryShare() { budget_.Give(bytes_); }
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  // False where the budget does not have that much; then it stays as it was.
  bool Resize(int64_t bytes) {
    if (bytes > bytes_ && !budget_.Take(bytes - bytes_, bytes_)) return false;
    if (bytes < bytes_) budget_.Give(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }
  int64_t bytes() const { return bytes_; }

 private:
  MemoryBudget& budget_;
  int64_t bytes_ = 0;
};

}  // namespace rekindle

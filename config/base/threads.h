// How many threads the machine runs at once, and the same work on several.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace rekindle {

// Threads that keep the machine busy.
inline size_t HardwareThreads() {
  return std::max(1u, std::thread::hardware_concurrency());
}

// f(0) .. f(threads - 1) at once, one of them on the caller's thread. If any
// throw, one of the exceptions is rethrown when all have ended.
template <class F>
void OnThreads(size_t threads, F&& f) {
  std::mutex mutex;
  std::exception_ptr error;
  const auto run = [&](size_t thread) {
    try {
      f(thread);
    } catch (...) {
      std::lock_guard lock(mutex);
      error = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back(run, i);
    run(0);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace rekindle

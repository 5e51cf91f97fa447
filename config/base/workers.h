// Threads that wait for pieces of work: starting a thread costs as much as a
// millisecond's job can save.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace rekindle {

// Thread-safe: several callers share the threads, and each of them works on
// its own pieces besides, so that a call may be made from within a piece.
class Workers {
 public:
  // As many threads as there are cores, the caller's included.
  Workers();
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Calls work(i) once for each i below `count`, in no order; returns when all
  // are done. The first exception ends the work and is rethrown here.
  void ForEach(size_t count, const std::function<void(size_t)>& work);

 private:
  struct Job {
    const std::function<void(size_t)>* work = nullptr;
    size_t count = 0;
    std::atomic<size_t> next = 0;
    size_t helpers = 0;  // threads inside, guarded by the mutex
    std::exception_ptr failure;
  };

  void Loop();
  void Help(Job& job);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable left_;
  std::deque<Job*> jobs_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // last: they use the rest
};

}  // namespace rekindle

#include "config/base/workers.h"

#include <algorithm>
#include <utility>

namespace rekindle {

Workers::Workers() {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 1; i < cores; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void Workers::ForEach(size_t count, const std::function<void(size_t)>& work) {
  Job job;
  job.work = &work;
  job.count = count;
  const bool shared = count > 1 && !threads_.empty();
  if (shared) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(&job);
    wake_.notify_all();
  }
  Help(job);
  if (shared) {
    std::unique_lock lock(mutex_);
    std::erase(jobs_, &job);
    left_.wait(lock, [&] { return job.helpers == 0; });
  }
  if (job.failure) std::rethrow_exception(job.failure);
}

void Workers::Loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job& job = *jobs_.front();
    if (job.next >= job.count) {  // its caller is about to take it away
      jobs_.pop_front();
      continue;
    }
    ++job.helpers;
    lock.unlock();
    Help(job);
    lock.lock();
    // Whoever else waits comes first now.
    if (!jobs_.empty() && jobs_.front() == &job) jobs_.pop_front();
    --job.helpers;
    left_.notify_all();
  }
}

void Workers::Help(Job& job) {
  try {
    for (size_t i; (i = job.next++) < job.count;) (*job.work)(i);
  } catch (...) {
    job.next = job.count;
    std::lock_guard lock(mutex_);
    if (!job.failure) job.failure = std::current_exception();
  }
}

}  // namespace rekindle

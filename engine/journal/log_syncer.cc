#include "engine/journal/log_syncer.h"

#include <algorithm>
#include <utility>

namespace rekindle {

LogSyncer::LogSyncer(std::function<void()> sync)
    : sync_(std::move(sync)), thread_([this] { Loop(); }) {}

LogSyncer::~LogSyncer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void LogSyncer::Begin(JournalPosition written) {
  {
    std::lock_guard lock(mutex_);
    begun_ = std::max(begun_, written);
  }
  wake_.notify_all();
}

void LogSyncer::Await(JournalPosition written) {
  std::unique_lock lock(mutex_);
  if (begun_ < written) {
    begun_ = written;
    wake_.notify_all();
  }
  done_.wait(lock, [&] { return durable_ >= written || failure_; });
  if (durable_ < written) std::rethrow_exception(failure_);
}

bool LogSyncer::failed() const {
  std::lock_guard lock(mutex_);
  return failure_ != nullptr;
}

JournalPosition LogSyncer::begun() const {
  std::lock_guard lock(mutex_);
  return begun_;
}

void LogSyncer::Mended(JournalPosition durable) {
  {
    std::lock_guard lock(mutex_);
    durable_ = std::max(durable_, durable);
    failure_ = nullptr;
  }
  wake_.notify_all();
  done_.notify_all();
}

void LogSyncer::Loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock,
               [&] { return stopping_ || (!failure_ && begun_ > durable_); });
    if (stopping_) return;
    const JournalPosition written = begun_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      sync_();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      failure_ = failure;
    } else {
      durable_ = std::max(durable_, written);
    }
    done_.notify_all();
  }
}

}  // namespace rekindle

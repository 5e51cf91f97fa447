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
    begun_ = written_ = std::max(written_, written);
  }
  wake_.notify_all();
}

void LogSyncer::Await(JournalPosition written) {
  std::unique_lock lock(mutex_);
  written_ = std::max(written_, written);
  while (durable_ < written) {
    if (failure_) std::rethrow_exception(failure_);
    if (syncing_) {
      done_.wait(lock);
    } else {
      Sync(lock);
    }
  }
}

bool LogSyncer::failed() const {
  std::lock_guard lock(mutex_);
  return failure_ != nullptr;
}

JournalPosition LogSyncer::written() const {
  std::lock_guard lock(mutex_);
  return written_;
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
    wake_.wait(lock, [&] {
      return stopping_ || (begun_ > durable_ && !syncing_ && !failure_);
    });
    if (stopping_) return;
    Sync(lock);
  }
}

void LogSyncer::Sync(std::unique_lock<std::mutex>& lock) {
  syncing_ = true;
  const JournalPosition written = written_;
  lock.unlock();
  std::exception_ptr failure;
  try {
    sync_();
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  syncing_ = false;
  if (failure) {
    failure_ = failure;
  } else {
    durable_ = std::max(durable_, written);
  }
  done_.notify_all();
  if (begun_ > durable_) wake_.notify_all();
}

}  // namespace rekindle

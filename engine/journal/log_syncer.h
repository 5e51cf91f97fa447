// Makes what was written to a database's write-ahead log durable: on the thread
// of whoever waits for it, or on its own, so that whoever wrote does something
// else meanwhile. What was written during one sync shares the next.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/journal/journal.h"

namespace rekindle {

// Thread-safe.
class LogSyncer {
 public:
  // `sync` makes all that was written before it is called durable, or throws.
  explicit LogSyncer(std::function<void()> sync);
  // What nobody waits for may be left.
  ~LogSyncer();

  // All up to this position is written: begins, and does not wait.
  void Begin(JournalPosition written);
  // Returns when it is durable. Throws what the sync threw; once it has, that
  // is the answer about all that was not durable before, until Mended.
  void Await(JournalPosition written);

  bool failed() const;
  // The newest position that anybody named.
  JournalPosition written() const;
  // All up to this position was made durable in another way.
  void Mended(JournalPosition durable);

 private:
  void Loop();
  // Syncs all that is written; `lock` is of mutex_, and let go meanwhile.
  // REQUIRES: nobody syncs.
  void Sync(std::unique_lock<std::mutex>& lock);

  const std::function<void()> sync_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable wake_;
  std::condition_variable done_;
  JournalPosition begun_ = 0;    // for the thread
  JournalPosition written_ = 0;  // as far as anybody said
  JournalPosition durable_ = 0;
  bool syncing_ = false;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace rekindle

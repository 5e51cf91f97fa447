// Makes what was written to a database's write-ahead log durable: on the thread
// of a caller that waits for it, or on its own, so that the writer can do
// something else meanwhile. Everything written during one sync shares the next.
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
  // `sync` makes everything durable that was written before it is called, or
  // throws.
  explicit LogSyncer(std::function<void()> sync);
  // Writes that nobody awaits may not be durable yet.
  ~LogSyncer();

  // Begins to make everything up to this position durable; does not wait. It
  // must be written already.
  void Begin(JournalPosition written);
  // Returns once everything up to this position is durable. Throws what the
  // sync threw, and from then on throws it for all that was not durable, until
  // Mended.
  void Await(JournalPosition written);

  bool failed() const;
  // The newest position that anybody named.
  JournalPosition written() const;
  // Notes that everything up to this position was made durable in another way.
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

// Work on several threads whose results are taken one after the other, in the
// order of the input.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace rekindle {

// What InOrder's threads share: which piece is next, and what is done.
template <class Out>
class OrderedResults {
 public:
  explicit OrderedResults(uint64_t ahead) : ahead_(ahead) {}

  // Waits until another piece may be begun; false where none is wanted.
  bool MayBegin() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || begun_ - taken_ < ahead_; });
    return !ended_;
  }
  uint64_t Begin() {
    std::lock_guard lock(mutex_);
    return begun_++;
  }
  void Done(uint64_t number, Out result) {
    {
      std::lock_guard lock(mutex_);
      done_.emplace(number, std::move(result));
    }
    changed_.notify_all();
  }
  // No further piece is begun; with an error, none is taken either.
  void End(std::exception_ptr error = nullptr) {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
      if (error && !error_) error_ = error;
    }
    changed_.notify_all();
  }

  // The next result in order; nothing after the last. Throws the error.
  std::optional<Out> Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return error_ || done_.contains(taken_) || (ended_ && begun_ == taken_);
    });
    if (error_) std::rethrow_exception(error_);
    auto found = done_.extract(taken_);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
  }
  void Taken() {
    {
      std::lock_guard lock(mutex_);
      ++taken_;
    }
    changed_.notify_all();
  }

 private:
  const uint64_t ahead_;
  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  uint64_t begun_ = 0;
  uint64_t taken_ = 0;
  std::map<uint64_t, Out> done_;
  bool ended_ = false;
  std::exception_ptr error_;
};

// Takes pieces of input from `next` until it gives none, has workers turn each
// into a result, and passes the results to `take`.
//
//   next()         -> std::optional<In>; on any thread, one call at a time
//   make_worker()  -> a callable In -> Out; one a thread, so that it may keep
//                     buffers; called on the caller's thread
//   take(Out)      on the caller's thread, in the order of `next`
//
// At most `ahead` pieces are on their way, so memory stays flat. The first
// exception ends the work and is rethrown here.
template <class Next, class MakeWorker, class Take>
void InOrder(size_t threads, size_t ahead, Next&& next,
             MakeWorker&& make_worker, Take&& take) {
  using In = typename std::invoke_result_t<Next>::value_type;
  using Worker = std::invoke_result_t<MakeWorker>;
  using Out = std::invoke_result_t<Worker, In>;

  OrderedResults<Out> results(ahead);
  std::mutex next_mutex;
  const auto run = [&](Worker work) {
    try {
      for (;;) {
        std::unique_lock reading(next_mutex);
        if (!results.MayBegin()) return;
        std::optional<In> in = next();
        if (!in) return results.End();
        const uint64_t number = results.Begin();
        reading.unlock();
        results.Done(number, work(*std::move(in)));
      }
    } catch (...) {
      results.End(std::current_exception());
    }
  };
  struct Ending {  // before the threads are joined, whatever happens
    OrderedResults<Out>& results;
    ~Ending() { results.End(); }
  };
  std::vector<std::jthread> workers;
  const Ending ending{results};
  for (size_t i = 0; i < threads; ++i) workers.emplace_back(run, make_worker());
  while (std::optional<Out> out = results.Next()) {
    take(*std::move(out));
    results.Taken();
  }
}

}  // namespace rekindle

// Touches between the ledger's thread and the adapter's: claimed ahead on one
// side, outcomes gathered on the other, so that neither waits for the other
// while there is work.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "channels/adapter/adapter.h"
#include "channels/rate_limiter.h"

namespace rekindle {

// A touch that came back, with its outcome.
struct Returned {
  ClaimedTouch touch;
  Outcome outcome;
  std::chrono::steady_clock::duration took{};
};

// The Outbox side belongs to the adapter's thread, the rest to one other.
class ChannelFlow : public Outbox {
 public:
  // `limiter` outlives the flow, which alone uses it meanwhile.
  explicit ChannelFlow(RateLimiter& limiter);
  ~ChannelFlow() override;

  // --- the ledger's side
  void Offer(std::vector<ClaimedTouch> touches);
  // Gives out no more touches and returns those that still wait. Touches in
  // flight go on; Adapter::Send ends when they are done.
  std::vector<ClaimedTouch> End();
  // Gives up the touches in flight too. Call after End.
  void Cancel();
  // Waits until `enough` outcomes have come, no more than `low` touches wait to
  // be given out, or nothing is left at all; at most `patience`.
  void Await(size_t enough, std::optional<size_t> low,
             std::chrono::milliseconds patience);
  std::vector<Returned> TakeReturned();
  size_t waiting() const;    // not yet given out
  size_t in_flight() const;  // given out, no outcome yet
  // How long the rate holds the next touch back.
  std::chrono::milliseconds rate_wait() const;
  // For when the adapter has ended: touches that it left without an outcome
  // come back with this one.
  void GiveUp(const Outcome& outcome);

  // --- the adapter's side
  const ClaimedTouch* Next() override;
  void Report(const ClaimedTouch& touch, Outcome outcome) override;
  bool ended() const override;
  bool cancelled() const override;
  int ready_fd() const override { return ready_; }
  std::chrono::milliseconds patience() const override;

 private:
  struct Underway {
    ClaimedTouch touch;
    std::chrono::steady_clock::time_point since;
  };
  void Signal();  // mutex_ held
  void Return(std::unique_ptr<Underway> underway, Outcome outcome);

  RateLimiter& limiter_;
  const int ready_;  // an eventfd
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Underway>> waiting_;
  std::unordered_map<const ClaimedTouch*, std::unique_ptr<Underway>> in_flight_;
  std::vector<Returned> returned_;
  size_t enough_ = 0;  // what Await waits for
  std::optional<size_t> low_;
  bool ended_ = false;
  bool cancelled_ = false;
};

}  // namespace rekindle

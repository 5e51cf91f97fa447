// One run over the due touches of a channel: the caller's thread claims ahead
// and records in groups, another runs the adapter, and a ChannelFlow connects
// them.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "channels/channel_flow.h"
#include "channels/dispatcher.h"

namespace rekindle {

class DeliveryRun {
 public:
  // All outlive the run.
  DeliveryRun(Engine& engine, const Clock& clock, const Channel& channel,
              const DeliveryControl& control, Dispatcher::State& state);
  ~DeliveryRun();

  // See Dispatcher::SendDue. False where there was nothing to send.
  bool Run(DispatchSummary* summary);

 private:
  void Turn();
  void Send();  // the adapter's thread

  // How many to hold ready beyond those in flight: what is sent in a twentieth
  // of a second, so that a crash leaves no more than that in doubt.
  size_t Ahead() const;
  // More are claimed once only so many are left: enough that the adapter does
  // not run dry while outcomes are recorded and the next touches are claimed.
  size_t Low() const { return Ahead() * 5 / 8; }
  size_t Room() const;
  bool WantsMore() const;
  // True where the rate lets none go for a while, so that touches claimed now
  // would only wait here.
  bool IsTooSoon() const;
  // Records what came back and claims what there is room for. False where
  // nothing is due but what this run put back.
  bool Claim();
  std::vector<ClaimedTouch> RecordAndClaim(int limit);
  bool Probing() const;
  bool MayGoOn();
  void End();

  void Take(std::vector<Returned> returned);
  void Judge(const Returned& returned, Instant now);
  void Count(const AttemptResult& result);
  void MeasurePace(size_t returned);
  // False while the store cannot take it: it is tried again with the next turn.
  bool Record();
  bool IsPatienceOver() const;  // with a failing store
  void StoreFailed(const std::string& why);
  void StoreWorks();

  Engine& engine_;
  const Clock& clock_;
  const Channel& channel_;
  const DeliveryControl& control_;
  Dispatcher::State& state_;
  ChannelFlow flow_;
  std::thread sender_;
  std::atomic<bool> sender_done_ = false;
  DispatchSummary summary_;

  std::vector<AttemptResult> unwritten_;
  std::vector<ClaimedTouch> unreleased_;
  std::unordered_set<int64_t> put_back_;  // rows
  bool more_due_ = true;                  // as far as the last claim knows
  std::chrono::steady_clock::time_point asked_at_;
  bool ending_ = false;
  bool over_ = false;
  bool cancelled_ = false;
  std::chrono::steady_clock::time_point ended_at_;
  std::chrono::steady_clock::time_point measured_at_;
  double pace_ = 0;  // outcomes a second
  std::optional<std::chrono::steady_clock::time_point> failing_since_;
};

}  // namespace rekindle

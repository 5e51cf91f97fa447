// Takes due touches from the ledger, sends them through their channel, and
// records what became of them: claim (durable) -> send -> record, all three at
// once, for as long as something is due (delivery_run.h).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "channels/channel_factory.h"
#include "channels/channel_stats.h"
#include "channels/circuit.h"
#include "channels/rate_limiter.h"
#include "config/base/clock.h"
#include "engine/engine.h"

namespace rekindle {

struct DispatchSummary {
  int64_t accepted = 0;
  int64_t failed = 0;
  int64_t dropped = 0;  // by the claim, with the reason on the touch
  int64_t retried = 0;  // put back to be tried again later
  int64_t unknown = 0;
};

// What a delivery run is told from outside.
struct DeliveryControl {
  // The ids of the rules in force; asked before each claim.
  std::function<std::unordered_set<std::string>()> live_rules;
  // True: claim no more, finish what is in flight. Asked often.
  std::function<bool()> stop;
  // How long outcomes are kept in memory while the store cannot take them.
  std::chrono::seconds store_patience{10};
  // True: the process is to end, so that what is in flight is cancelled when
  // it has taken `grace` longer.
  std::function<bool()> hurry = [] { return false; };
  std::chrono::seconds grace{20};
};

// A channel as it stands.
struct ChannelStatus {
  ChannelStats stats;
  Circuit::State circuit = Circuit::State::kClosed;
  std::optional<Circuit::Opening> opening;  // unless closed
  std::string store_failure;                // outcomes wait for the disk
};

// Several threads may call it at once, but SendDue for one channel only one at
// a time. Circuits, rates and counts of a channel live as long as the
// dispatcher.
class Dispatcher {
 public:
  Dispatcher(Engine& engine, const Clock& clock);
  ~Dispatcher();

  // Works the channel's due touches until none is due, the circuit opens or
  // `stop` says so. Temporary outcomes are put back with a backoff until the
  // touch expires; a dead recipient's address is suppressed for that channel in
  // the same transaction. Ends too when only touches that this very call put
  // back are left. While the channel cannot send, its touches expire all the
  // same.
  //
  // Throws what the store throws, after `store_patience`: what was in flight
  // then stays claimed, and so becomes unknown.
  DispatchSummary SendDue(const Channel& channel,
                          const DeliveryControl& control);

  // Of every channel that there was a run of.
  std::map<std::string, ChannelStatus> Statuses() const;

  // What outlives a run.
  struct State {
    mutable std::mutex mutex;  // guards all but `limiter`
    Circuit circuit;
    ChannelStats stats;
    std::string store_failure;
    Instant swept;        // expired touches were last looked for
    RateLimiter limiter;  // of the run
  };

 private:
  State& StateOf(const std::string& channel);
  void DropExpired(const std::string& channel, State& state,
                   DispatchSummary* summary);

  Engine& engine_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<State>> states_;
};

}  // namespace rekindle

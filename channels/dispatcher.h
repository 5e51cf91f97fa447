// Takes due touches from the ledger, sends them through their channel, and
// records what became of them: claim (durable) -> send -> record.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "channels/channel_factory.h"
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

// Thread-safe in that one Dispatcher works one channel at a time per call;
// different channels may be dispatched from different threads.
class Dispatcher {
 public:
  // A circuit that an account error opened stays open for 5 minutes, or for
  // as long as the provider said; then one touch is tried first.
  Dispatcher(Engine& engine, const Clock& clock);

  // Works the channel's due touches until none is due, the circuit opens or
  // `stop` says so (asked between batches). Temporary outcomes are put back
  // with a backoff (full jitter, base 1 s, at most 5 minutes, Retry-After
  // wins) until the touch expires; a dead recipient's address is suppressed
  // for that channel in the same transaction. Ends also where nothing but
  // touches tried in this very call is left.
  //
  // `dropped` is read off the ledger: where several channels are dispatched at
  // once, it holds what the others' claims dropped meanwhile.
  DispatchSummary Drain(const Channel& channel,
                        const std::vector<std::string>& live_rules,
                        const std::function<bool()>& stop);

  // The channels whose circuit is open, with the reason and until when.
  struct Circuit {
    Instant until;
    std::string reason;
  };
  std::map<std::string, Circuit> OpenCircuits() const;

 private:
  enum class CircuitState { kClosed, kOpen, kProbing };
  CircuitState StateOf(const std::string& channel) const;
  void OpenCircuit(const std::string& channel, Circuit circuit);
  void CloseCircuit(const std::string& channel);

  std::vector<ClaimedTouch> Claim(const Channel& channel,
                                  const std::vector<std::string>& live_rules,
                                  int limit, int64_t* dropped);
  void SendBatch(const Channel& channel,
                 const std::vector<ClaimedTouch>& touches,
                 DispatchSummary* summary);

  Engine& engine_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Circuit> circuits_;
};

}  // namespace rekindle

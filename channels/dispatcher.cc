#include "channels/dispatcher.h"

#include <spdlog/spdlog.h>

#include "channels/delivery_run.h"

namespace rekindle {
namespace {

// How often a channel that does not send looks for touches that expired.
constexpr std::chrono::minutes kSweepEvery{1};

}  // namespace

Dispatcher::Dispatcher(Engine& engine, const Clock& clock)
    : engine_(engine), clock_(clock) {}

Dispatcher::~Dispatcher() = default;

Dispatcher::State& Dispatcher::StateOf(const std::string& channel) {
  std::lock_guard lock(mutex_);
  auto& state = states_[channel];
  if (!state) state = std::make_unique<State>();
  return *state;
}

DispatchSummary Dispatcher::SendDue(const Channel& channel,
                                    const DeliveryControl& control) {
  State& state = StateOf(channel.id);
  DispatchSummary summary;
  if (control.stop()) return summary;
  bool open = false;
  {
    std::lock_guard lock(state.mutex);
    open = state.circuit.StateAt(clock_.Now()) == Circuit::State::kOpen;
  }
  bool claimed = false;
  if (!open) {
    DeliveryRun run(engine_, clock_, channel, control, state);
    claimed = run.Run(&summary);
  }
  if (!claimed) DropExpired(channel.id, state, &summary);
  if (claimed || summary.dropped > 0) {
    spdlog::info(
        "channel {}: {} accepted, {} failed, {} dropped, {} put back, {} "
        "unknown",
        channel.id, summary.accepted, summary.failed, summary.dropped,
        summary.retried, summary.unknown);
  }
  std::lock_guard lock(state.mutex);
  state.stats.dropped += summary.dropped;
  return summary;
}

void Dispatcher::DropExpired(const std::string& channel, State& state,
                             DispatchSummary* summary) {
  const Instant now = clock_.Now();
  {
    std::lock_guard lock(state.mutex);
    // A clock that was set back is no reason to wait.
    if (state.swept <= now && now < state.swept + kSweepEvery) return;
    state.swept = now;
  }
  summary->dropped += engine_.ledger().DropExpired(channel, now);
}

std::map<std::string, ChannelStatus> Dispatcher::Statuses() const {
  std::lock_guard lock(mutex_);
  std::map<std::string, ChannelStatus> statuses;
  for (const auto& [channel, state] : states_) {
    std::lock_guard state_lock(state->mutex);
    statuses[channel] = {state->stats, state->circuit.StateAt(clock_.Now()),
                         state->circuit.opening(), state->store_failure};
  }
  return statuses;
}

}  // namespace rekindle

#include "channels/dispatcher.h"

#include <spdlog/spdlog.h>

#include <unordered_set>
#include <utility>

#include "channels/batch_recorder.h"

namespace rekindle {
namespace {

void Add(const BatchCounts& counts, DispatchSummary* summary) {
  summary->accepted += counts.accepted;
  summary->failed += counts.failed;
  summary->retried += counts.retried;
  summary->unknown += counts.unknown;
}

}  // namespace

Dispatcher::Dispatcher(Engine& engine, const Clock& clock)
    : engine_(engine), clock_(clock) {}

DispatchSummary Dispatcher::Drain(const Channel& channel,
                                  const std::vector<std::string>& live_rules,
                                  const std::function<bool()>& stop) {
  DispatchSummary summary;
  const CircuitState state = StateOf(channel.id);
  if (state == CircuitState::kOpen || stop()) return summary;

  int limit =
      state == CircuitState::kProbing ? 1 : channel.adapter->traits().batch;
  std::unordered_set<std::string> tried;
  bool fresh = true;
  while (fresh && !stop()) {
    const auto touches = Claim(channel, live_rules, limit, &summary.dropped);
    if (touches.empty()) break;
    fresh = false;
    for (const ClaimedTouch& touch : touches) {
      fresh |= tried.insert(touch.touch_id).second;
    }
    SendBatch(channel, touches, &summary);
    if (StateOf(channel.id) == CircuitState::kOpen) break;
    limit = channel.adapter->traits().batch;
  }

  if (!tried.empty() || summary.dropped > 0) {
    spdlog::info(
        "channel {}: {} accepted, {} failed, {} dropped, {} put back, {} "
        "unknown",
        channel.id, summary.accepted, summary.failed, summary.dropped,
        summary.retried, summary.unknown);
  }
  return summary;
}

std::vector<ClaimedTouch> Dispatcher::Claim(
    const Channel& channel, const std::vector<std::string>& live_rules,
    int limit, int64_t* dropped) {
  // The snapshot keeps writers out: it must be gone before anything is sent.
  const auto facts = engine_.At(clock_.Now());
  return engine_.ledger().Claim(channel.claim(), *facts, engine_.consents(),
                                live_rules, limit, dropped);
}

void Dispatcher::SendBatch(const Channel& channel,
                           const std::vector<ClaimedTouch>& touches,
                           DispatchSummary* summary) {
  BatchRecorder recorder(engine_.ledger(), clock_, touches);
  std::string missing = "the adapter gave no outcome";
  try {
    channel.adapter->Send(touches, [&](size_t index, Outcome outcome) {
      recorder.Report(index, std::move(outcome));
    });
  } catch (const std::exception& e) {
    missing = std::string("the adapter failed: ") + e.what();
    spdlog::warn("channel {}: {}", channel.id, missing);
  }
  recorder.Finish(missing);

  const BatchCounts& counts = recorder.counts();
  Add(counts, summary);
  if (counts.account_error) {
    OpenCircuit(channel.id,
                {clock_.Now() + counts.account_pause, *counts.account_error});
  } else if (counts.accepted > 0) {
    CloseCircuit(channel.id);
  }
}

Dispatcher::CircuitState Dispatcher::StateOf(const std::string& channel) const {
  std::lock_guard lock(mutex_);
  const auto circuit = circuits_.find(channel);
  if (circuit == circuits_.end()) return CircuitState::kClosed;
  return circuit->second.until > clock_.Now() ? CircuitState::kOpen
                                              : CircuitState::kProbing;
}

void Dispatcher::OpenCircuit(const std::string& channel, Circuit circuit) {
  spdlog::warn("channel {}: stopped until {}: {}", channel,
               engine_.settings().calendar.Format(circuit.until),
               circuit.reason);
  std::lock_guard lock(mutex_);
  circuits_[channel] = std::move(circuit);
}

void Dispatcher::CloseCircuit(const std::string& channel) {
  std::lock_guard lock(mutex_);
  if (circuits_.erase(channel) > 0) {
    spdlog::info("channel {}: works again", channel);
  }
}

std::map<std::string, Dispatcher::Circuit> Dispatcher::OpenCircuits() const {
  std::lock_guard lock(mutex_);
  std::map<std::string, Circuit> open;
  for (const auto& [channel, circuit] : circuits_) {
    if (circuit.until > clock_.Now()) open.emplace(channel, circuit);
  }
  return open;
}

}  // namespace rekindle

#include "daemon/polling/receipt_poller.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

// After something that should not have happened.
constexpr auto kPause = 10s;

bool IsPolled(const Channel& channel) {
  return channel.receipts && channel.receipts->poll;
}

}  // namespace

ReceiptPoller::ReceiptPoller(Session& session, ReceiptCommitter& committer)
    : session_(session), committer_(committer) {
  Sync();
}

ReceiptPoller::~ReceiptPoller() {
  {
    std::lock_guard lock(mutex_);
    stop_.Stop();
  }
  wake_.notify_all();
  for (auto& [id, worker] : workers_) worker->thread.join();
}

void ReceiptPoller::Sync() {
  const auto configuration = session_.configuration();
  {
    std::lock_guard lock(mutex_);
    ++reloads_;
    for (const Channel& channel : configuration->channels) {
      if (!IsPolled(channel) || workers_.contains(channel.id)) continue;
      auto worker =
          std::make_unique<Worker>(session_, committer_, channel.id, stop_);
      worker->thread = std::thread(
          [this, id = channel.id, poll = &worker->poll] { Loop(id, *poll); });
      workers_.emplace(channel.id, std::move(worker));
    }
  }
  wake_.notify_all();
}

void ReceiptPoller::Loop(const std::string& channel, ChannelPoll& poll) {
  std::string failure;  // as told last
  while (!stop_.stopped()) {
    uint64_t seen;
    {
      std::lock_guard lock(mutex_);
      seen = reloads_;
    }
    auto again = std::chrono::steady_clock::now() + kPause;
    try {
      again = poll.Work(std::chrono::steady_clock::now());
      failure.clear();
    } catch (const std::exception& e) {
      if (failure != e.what()) {
        spdlog::error("channel {}: asking for receipts: {}; trying again",
                      channel, e.what());
      }
      failure = e.what();
    }
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, again,
                     [&] { return stop_.stopped() || reloads_ != seen; });
  }
}

std::map<std::string, PollStats> ReceiptPoller::Stats() const {
  const auto configuration = session_.configuration();
  std::map<std::string, PollStats> stats;
  std::lock_guard lock(mutex_);
  for (const Channel& channel : configuration->channels) {
    const auto worker = workers_.find(channel.id);
    if (!IsPolled(channel) || worker == workers_.end()) continue;
    stats[channel.id] = worker->second->poll.stats();
  }
  return stats;
}

}  // namespace rekindle

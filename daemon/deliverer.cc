#include "daemon/deliverer.h"

#include <spdlog/spdlog.h>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

// How long a channel waits before it asks the ledger again by itself: for
// deferred touches and retries that have come due.
constexpr auto kPause = 1s;

}  // namespace

Deliverer::Deliverer(Session& session) : session_(session) { Sync(); }

Deliverer::~Deliverer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& [id, thread] : threads_) thread.join();
}

void Deliverer::Sync() {
  auto configuration = session_.configuration();
  std::lock_guard lock(mutex_);
  for (const Channel& channel : configuration->channels) {
    if (threads_.contains(channel.id)) continue;
    threads_.emplace(channel.id,
                     std::thread([this, id = channel.id] { Loop(id); }));
  }
}

void Deliverer::Wake() {
  {
    std::lock_guard lock(mutex_);
    ++wakes_;
  }
  wake_.notify_all();
}

bool Deliverer::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void Deliverer::Loop(std::string channel_id) {
  uint64_t seen = 0;
  while (!stopping()) {
    DrainOnce(channel_id);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kPause, [&] { return stopping_ || wakes_ != seen; });
    seen = wakes_;
  }
}

void Deliverer::DrainOnce(const std::string& channel_id) {
  auto configuration = session_.configuration();
  for (const Channel& channel : configuration->channels) {
    if (channel.id != channel_id) continue;
    try {
      session_.Dispatch(channel, session_.clock(),
                        [this] { return stopping(); });
    } catch (const std::exception& e) {
      spdlog::error("channel {}: {}; trying again", channel_id, e.what());
    }
  }
}

}  // namespace rekindle

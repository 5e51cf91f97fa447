#include "daemon/work/deliverer.h"

#include <spdlog/spdlog.h>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

// How long a channel waits before it asks the ledger again by itself: for
// deferred touches and retries that have come due.
constexpr auto kPauseBetweenRuns = 1s;

// Outcomes are kept until the disk takes them, however long that is.
constexpr auto kStorePatience = 24h * 365;

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
    SendDue(channel_id);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kPauseBetweenRuns,
                   [&] { return stopping_ || wakes_ != seen; });
    seen = wakes_;
  }
}

void Deliverer::SendDue(const std::string& channel_id) {
  auto configuration = session_.configuration();
  // A reload is taken up with the next run: what is in flight goes on as it
  // began.
  DeliveryControl control;
  control.stop = [&] {
    return stopping() || session_.configuration() != configuration;
  };
  control.hurry = [this] { return stopping(); };
  control.store_patience = kStorePatience;
  const Channel* const channel = configuration->FindChannel(channel_id);
  if (channel == nullptr) return;
  try {
    session_.Dispatch(*channel, session_.clock(), control);
    LogFailure(channel_id, "");
  } catch (const std::exception& e) {
    LogFailure(channel_id, e.what());
  }
}

void Deliverer::LogFailure(const std::string& channel, const std::string& why) {
  std::lock_guard lock(mutex_);
  std::string& last = failures_[channel];
  if (why == last) return;
  if (why.empty()) {
    spdlog::info("channel {}: works again", channel);
  } else {
    spdlog::error("channel {}: {}; trying again", channel, why);
  }
  last = why;
}

}  // namespace rekindle

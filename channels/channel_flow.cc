#include "channels/channel_flow.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace rekindle {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// How long an adapter that has nothing to do sleeps at most.
constexpr milliseconds kIdle{1000};

int OpenEvent() {
  const int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) throw std::runtime_error("no eventfd is to be had");
  return event;
}

}  // namespace

ChannelFlow::ChannelFlow(RateLimiter& limiter)
    : limiter_(limiter), ready_(OpenEvent()) {}

ChannelFlow::~ChannelFlow() { close(ready_); }

void ChannelFlow::Signal() {
  const uint64_t one = 1;
  (void)!write(ready_, &one, sizeof one);
}

void ChannelFlow::Offer(std::vector<ClaimedTouch> touches) {
  std::lock_guard lock(mutex_);
  for (ClaimedTouch& touch : touches) {
    waiting_.push_back(std::make_unique<Underway>(
        Underway{std::move(touch), Steady::time_point()}));
  }
  Signal();
}

std::vector<ClaimedTouch> ChannelFlow::End() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  std::vector<ClaimedTouch> back;
  for (auto& underway : waiting_) back.push_back(std::move(underway->touch));
  waiting_.clear();
  Signal();
  return back;
}

void ChannelFlow::Cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  Signal();
}

void ChannelFlow::Await(size_t enough, std::optional<size_t> low,
                        milliseconds patience) {
  std::unique_lock lock(mutex_);
  enough_ = enough;
  low_ = low;
  changed_.wait_for(lock, patience, [&] {
    return returned_.size() >= enough_ || (low_ && waiting_.size() <= *low_) ||
           (in_flight_.empty() && waiting_.empty());
  });
}

std::vector<Returned> ChannelFlow::TakeReturned() {
  std::vector<Returned> next;
  std::lock_guard lock(mutex_);
  next.reserve(returned_.size());  // about as many come the next time
  return std::exchange(returned_, std::move(next));
}

size_t ChannelFlow::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

size_t ChannelFlow::in_flight() const {
  std::lock_guard lock(mutex_);
  return in_flight_.size();
}

milliseconds ChannelFlow::rate_wait() const {
  std::lock_guard lock(mutex_);
  return limiter_.Wait(Steady::now());
}

void ChannelFlow::GiveUp(const Outcome& outcome) {
  std::lock_guard lock(mutex_);
  auto left = std::exchange(in_flight_, {});
  for (auto& [touch, underway] : left) Return(std::move(underway), outcome);
}

const ClaimedTouch* ChannelFlow::Next() {
  std::lock_guard lock(mutex_);
  const auto now = Steady::now();
  if (waiting_.empty() || !limiter_.Take(now)) {
    // From now on the event means news; what was there is known.
    uint64_t seen = 0;
    (void)!read(ready_, &seen, sizeof seen);
    return nullptr;
  }
  std::unique_ptr<Underway> next = std::move(waiting_.front());
  waiting_.pop_front();
  next->since = now;
  const ClaimedTouch* touch = &next->touch;
  in_flight_.emplace(touch, std::move(next));
  if (low_ && waiting_.size() == *low_) changed_.notify_one();
  return touch;
}

void ChannelFlow::Report(const ClaimedTouch& touch, Outcome outcome) {
  std::lock_guard lock(mutex_);
  const auto found = in_flight_.find(&touch);
  if (found == in_flight_.end()) return;
  std::unique_ptr<Underway> underway = std::move(found->second);
  in_flight_.erase(found);
  Return(std::move(underway), std::move(outcome));
}

void ChannelFlow::Return(std::unique_ptr<Underway> underway, Outcome outcome) {
  returned_.push_back({std::move(underway->touch), std::move(outcome),
                       Steady::now() - underway->since});
  if (returned_.size() == enough_ || in_flight_.empty()) changed_.notify_one();
}

bool ChannelFlow::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

bool ChannelFlow::cancelled() const {
  std::lock_guard lock(mutex_);
  return cancelled_;
}

milliseconds ChannelFlow::patience() const {
  std::lock_guard lock(mutex_);
  if (waiting_.empty()) return kIdle;
  return std::max(milliseconds(1), limiter_.Wait(Steady::now()));
}

}  // namespace rekindle

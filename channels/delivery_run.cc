#include "channels/delivery_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "channels/attempt_result.h"
#include "engine/consent/consent.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

// Outcomes are recorded when so many have come or so much time has passed: a
// transaction costs a sync, and a crash leaves in doubt what is not recorded.
constexpr size_t kGroup = 1024;
constexpr auto kTurn = 20ms;
constexpr auto kStorePause = 500ms;  // before a failing store is tried again

constexpr auto kAskAgain = 1s;  // whether something has come due

constexpr auto kAhead = 50ms;
// So long a run waits for its turn; where that is further off it claims at
// once, so as not to keep the channel to itself.
constexpr auto kMostPatience = 1min;
constexpr size_t kMostAhead = 4096;

}  // namespace

DeliveryRun::DeliveryRun(Engine& engine, const Clock& clock,
                         const Channel& channel, const DeliveryControl& control,
                         Dispatcher::State& state)
    : engine_(engine),
      clock_(clock),
      channel_(channel),
      control_(control),
      state_(state),
      flow_(state.limiter),
      measured_at_(Steady::now()) {
  state_.limiter.SetRate(channel.delivery.per_second);
}

DeliveryRun::~DeliveryRun() {
  if (!sender_.joinable()) return;
  // Only where something was thrown: what is in flight stays claimed.
  flow_.End();
  flow_.Cancel();
  sender_.join();
}

bool DeliveryRun::Run(DispatchSummary* summary) {
  const bool claimed = Claim();
  if (claimed) {
    sender_ = std::thread([this] { Send(); });
    while (!over_) Turn();
    sender_.join();
  }
  *summary = summary_;
  return claimed;
}

void DeliveryRun::Send() {
  std::string missing = "the adapter gave no outcome";
  try {
    channel_.adapter->Send(flow_);
  } catch (const std::exception& e) {
    missing = std::string("the adapter failed: ") + e.what();
    spdlog::warn("channel {}: {}", channel_.id, missing);
  }
  flow_.GiveUp({OutcomeClass::kUnknown, missing});
  sender_done_ = true;
}

void DeliveryRun::Turn() {
  const bool refill =
      more_due_ && !ending_ && !Probing() && !failing_since_ && !IsTooSoon();
  flow_.Await(kGroup, refill ? std::optional(Low()) : std::nullopt, kTurn);
  if (failing_since_) std::this_thread::sleep_for(kStorePause);
  const bool done = sender_done_;  // before the last outcomes are taken
  Take(flow_.TakeReturned());
  const bool idle = flow_.waiting() + flow_.in_flight() == 0;
  const bool may_go_on = !ending_ && !done && MayGoOn();
  const bool wants_more = may_go_on && WantsMore();
  // Outcomes become durable together with the next claims; where the store
  // fails, first and by themselves.
  const bool together = wants_more && !failing_since_;
  const bool written = together || Record();
  if (wants_more && written) more_due_ = Claim();
  if (!ending_ && (!may_go_on || (idle && !more_due_))) End();
  // Await does not wait where there is nothing.
  if (idle && !ending_ && !wants_more) std::this_thread::sleep_for(kTurn);
  if (ending_ && !cancelled_ && control_.hurry() &&
      Steady::now() - ended_at_ > control_.grace) {
    cancelled_ = true;
    flow_.Cancel();
  }
  over_ = ending_ && done && unwritten_.empty() && unreleased_.empty();
}

size_t DeliveryRun::Ahead() const {
  const double pace =
      channel_.delivery.per_second > 0 ? channel_.delivery.per_second : pace_;
  const auto least = static_cast<size_t>(
      channel_.delivery.per_second > 0
          ? 1
          : std::max(1, channel_.adapter->traits().concurrency));
  return std::clamp(
      static_cast<size_t>(pace * std::chrono::duration<double>(kAhead).count()),
      least, kMostAhead);
}

bool DeliveryRun::Probing() const {
  std::lock_guard lock(state_.mutex);
  return state_.circuit.StateAt(clock_.Now()) == Circuit::State::kHalfOpen;
}

// Where a rate is set, touches wait in the ledger, not here.
size_t DeliveryRun::Room() const {
  const auto concurrency =
      static_cast<size_t>(std::max(1, channel_.adapter->traits().concurrency));
  const size_t in_flight = flow_.in_flight();
  const bool free = channel_.delivery.per_second == 0;
  const size_t idle = concurrency > in_flight ? concurrency - in_flight : 0;
  const size_t most = Ahead() + (free ? idle : 0);
  const size_t waiting = flow_.waiting();
  return most > waiting ? most - waiting : 1;
}

bool DeliveryRun::WantsMore() const {
  if (IsTooSoon()) return false;
  if (Probing()) return flow_.waiting() + flow_.in_flight() == 0;
  if (!more_due_ && Steady::now() - asked_at_ < kAskAgain) return false;
  return flow_.waiting() <= Low();
}

bool DeliveryRun::IsTooSoon() const {
  if (channel_.delivery.per_second == 0) return false;
  const auto wait = flow_.rate_wait();
  return wait > kAhead && wait <= kMostPatience;
}

std::vector<ClaimedTouch> DeliveryRun::RecordAndClaim(int limit) {
  // The snapshot keeps writers out: it must be gone before anything is sent.
  const auto facts = engine_.At(clock_.Now());
  const auto live_rules = control_.live_rules();
  Ledger& ledger = engine_.ledger();
  int64_t dropped = 0;
  auto touches = engine_.store().Write([&](SQLite::Database& db) {
    ledger.Record(db, unwritten_, facts->as_of());
    return ledger.Claim(db, channel_.claim(), *facts,
                        Consents(facts->settings()), live_rules, limit,
                        &dropped);
  });
  unwritten_.clear();
  summary_.dropped += dropped;
  return touches;
}

bool DeliveryRun::Claim() {
  asked_at_ = Steady::now();
  std::vector<ClaimedTouch> touches;
  try {
    touches = RecordAndClaim(Probing() ? 1 : static_cast<int>(Room()));
  } catch (const std::exception& e) {
    StoreFailed(e.what());
    if (!sender_.joinable()) throw;  // nothing is in flight
    return !IsPatienceOver();
  }
  StoreWorks();
  const bool fresh = std::any_of(
      touches.begin(), touches.end(),
      [&](const auto& touch) { return !put_back_.contains(touch.row); });
  if (!touches.empty()) flow_.Offer(std::move(touches));
  return fresh;
}

// False: claim no more, finish what is in flight.
bool DeliveryRun::MayGoOn() {
  if (control_.stop()) return false;
  std::lock_guard lock(state_.mutex);
  return state_.circuit.StateAt(clock_.Now()) != Circuit::State::kOpen;
}

void DeliveryRun::End() {
  ending_ = true;
  ended_at_ = Steady::now();
  unreleased_ = flow_.End();
}

void DeliveryRun::Take(std::vector<Returned> returned) {
  const Instant now = clock_.Now();
  MeasurePace(returned.size());
  for (Returned& back : returned) {
    Judge(back, now);
    unwritten_.push_back(
        ResultOf(back.touch, std::move(back.outcome), channel_.delivery, now));
    Count(unwritten_.back());
  }
  std::lock_guard lock(state_.mutex);
  state_.stats.in_flight = static_cast<int64_t>(flow_.in_flight());
}

void DeliveryRun::MeasurePace(size_t returned) {
  const auto now = Steady::now();
  const double seconds =
      std::chrono::duration<double>(now - measured_at_).count();
  if (returned == 0 || seconds <= 0) return;
  measured_at_ = now;
  pace_ = 0.7 * pace_ + 0.3 * static_cast<double>(returned) / seconds;
}

void DeliveryRun::Judge(const Returned& returned, Instant now) {
  std::lock_guard lock(state_.mutex);
  state_.stats.Add(returned.outcome, returned.took);
  if (returned.outcome.what == OutcomeClass::kAccepted) {
    state_.stats.cost += static_cast<double>(channel_.delivery.cost) / 1e6;
  }
  switch (state_.circuit.Judge(returned.touch.touch_id, returned.outcome,
                               channel_.delivery.circuit, now)) {
    case Circuit::Change::kNone:
      break;
    case Circuit::Change::kOpened:
      spdlog::warn(
          "channel {}: stopped until {}: {}", channel_.id,
          engine_.settings()->calendar.Format(state_.circuit.opening()->until),
          state_.circuit.opening()->reason);
      break;
    case Circuit::Change::kClosed:
      spdlog::info("channel {}: works again", channel_.id);
      more_due_ = true;
      break;
  }
}

void DeliveryRun::Count(const AttemptResult& result) {
  switch (result.state) {
    case TouchState::kAccepted:
      ++summary_.accepted;
      break;
    case TouchState::kFailed:
      ++summary_.failed;
      break;
    case TouchState::kUnknown:
      ++summary_.unknown;
      put_back_.insert(result.row);
      break;
    default:
      ++summary_.retried;
      put_back_.insert(result.row);
  }
}

bool DeliveryRun::Record() {
  if (unwritten_.empty() && unreleased_.empty()) return true;
  try {
    engine_.ledger().Record(unwritten_, clock_.Now());
    unwritten_.clear();
    engine_.ledger().Release(unreleased_, clock_.Now());
    unreleased_.clear();
  } catch (const std::exception& e) {
    StoreFailed(e.what());
    if (IsPatienceOver()) throw;
    return false;
  }
  StoreWorks();
  return true;
}

bool DeliveryRun::IsPatienceOver() const {
  const auto since = Steady::now() - *failing_since_;
  return since > control_.store_patience ||
         (control_.hurry() && since > control_.grace);
}

void DeliveryRun::StoreFailed(const std::string& why) {
  if (failing_since_) return;
  failing_since_ = Steady::now();
  std::lock_guard lock(state_.mutex);
  // The run before may have found so already.
  if (state_.store_failure == why) return;
  state_.store_failure = why;
  spdlog::error(
      "channel {}: {}; nothing more is sent until outcomes can be written",
      channel_.id, why);
}

void DeliveryRun::StoreWorks() {
  failing_since_.reset();
  std::lock_guard lock(state_.mutex);
  if (state_.store_failure.empty()) return;
  state_.store_failure.clear();
  spdlog::info("channel {}: outcomes are written again", channel_.id);
}

}  // namespace rekindle

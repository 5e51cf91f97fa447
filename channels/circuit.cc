#include "channels/circuit.h"

#include <algorithm>

namespace rekindle {
namespace {

// Then all are forgotten: a pause more does no harm.
constexpr size_t kMostRemembered = 10'000;

bool IsClear(const Outcome& outcome) {
  switch (outcome.what) {
    case OutcomeClass::kAccepted:
    case OutcomeClass::kDeadRecipient:
    case OutcomeClass::kBadMessage:
      return true;
    case OutcomeClass::kTemporary:
      return outcome.of_recipient;
    case OutcomeClass::kAccount:
    case OutcomeClass::kUnknown:
      break;
  }
  return false;
}

}  // namespace

Circuit::State Circuit::StateAt(Instant now) const {
  if (!opening_) return State::kClosed;
  return opening_->at <= now && now < opening_->until ? State::kOpen
                                                      : State::kHalfOpen;
}

Circuit::Change Circuit::Open(const Outcome& outcome,
                              std::chrono::seconds pause, Instant now) {
  const Instant since = opening_ ? opening_->since : now;
  opening_ = Opening{since, now, now + pause, outcome.detail};
  run_.clear();
  least_wait_.reset();
  return Change::kOpened;
}

Circuit::Change Circuit::Judge(const std::string& touch_id,
                               const Outcome& outcome,
                               const CircuitSettings& settings, Instant now) {
  const State state = StateAt(now);
  if (state == State::kOpen) return Change::kNone;
  if (outcome.what == OutcomeClass::kAccount) {
    if (met_account_error_.size() >= kMostRemembered) {
      met_account_error_.clear();
    }
    // Where others got past one that met it before, the trouble is its own.
    const bool first = met_account_error_.insert(touch_id).second;
    if (first || state == State::kHalfOpen) {
      return Open(outcome, outcome.retry_after.value_or(kAccountPause), now);
    }
  }
  if (IsClear(outcome)) {
    run_.clear();
    least_wait_.reset();
    if (state == State::kClosed) return Change::kNone;
    opening_.reset();
    return Change::kClosed;
  }
  // The shortest wait that was asked for: one recipient's long one is not the
  // channel's.
  const auto wait = outcome.retry_after.value_or(std::chrono::seconds(0));
  least_wait_ = least_wait_ ? std::min(*least_wait_, wait) : wait;
  run_.insert(touch_id);
  const bool enough = state == State::kHalfOpen ||
                      run_.size() >= static_cast<size_t>(settings.after);
  if (!enough) return Change::kNone;
  return Open(outcome, std::max(settings.pause, *least_wait_), now);
}

}  // namespace rekindle

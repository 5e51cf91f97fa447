#include "channels/attempt_result.h"

#include <algorithm>
#include <utility>

#include "config/base/hash.h"

namespace rekindle {
namespace {

using std::chrono::milliseconds;

bool TriesAreUsedUp(const ClaimedTouch& touch, const RetrySettings& retry) {
  return retry.tries > 0 && touch.tries >= retry.tries;
}

// No later than the touch's end: that is when the ledger drops it.
Instant Within(const ClaimedTouch& touch, Instant at, Instant now) {
  const Instant end = touch.expires_at + milliseconds(1);
  return std::max(std::min(at, end), now);
}

}  // namespace

Instant BackedOff(const ClaimedTouch& touch, const RetrySettings& retry,
                  Instant now) {
  const int doublings = std::clamp(touch.tries - 1, 0, 20);
  const milliseconds most =
      std::min(retry.most, retry.first * (int64_t{1} << doublings));
  const double draw = UnitInterval(
      StableHash({"backoff", touch.touch_id, std::to_string(touch.attempt)}));
  return now + milliseconds(1) +
         milliseconds(static_cast<int64_t>(draw * most.count()));
}

AttemptResult ResultOf(const ClaimedTouch& touch, Outcome outcome,
                       const DeliverySettings& settings, Instant now) {
  AttemptResult result;
  result.touch_id = touch.touch_id;
  result.row = touch.row;
  result.reason = OutcomeClassName(outcome.what);
  result.detail = std::move(outcome.detail);
  result.provider_id = std::move(outcome.provider_id);
  const auto put_back = [&](Instant at) {
    result.state = TouchState::kPlanned;
    result.try_again_at = Within(touch, at, now);
  };
  switch (outcome.what) {
    case OutcomeClass::kAccepted:
      result.state = TouchState::kAccepted;
      result.reason.clear();
      result.cost = settings.cost;
      break;
    case OutcomeClass::kDeadRecipient:
    case OutcomeClass::kBadMessage:
      result.state = TouchState::kFailed;
      break;
    case OutcomeClass::kTemporary:
      if (TriesAreUsedUp(touch, settings.retry)) {
        result.state = TouchState::kFailed;
      } else {
        put_back(outcome.retry_after ? now + *outcome.retry_after
                                     : BackedOff(touch, settings.retry, now));
      }
      break;
    case OutcomeClass::kAccount:
      put_back(now + outcome.retry_after.value_or(kAccountPause));
      break;
    case OutcomeClass::kUnknown:
      result.state = TouchState::kUnknown;
      break;
  }
  return result;
}

}  // namespace rekindle

#include "channels/batch_recorder.h"

#include <algorithm>
#include <utility>

#include "config/base/hash.h"

namespace rekindle {
namespace {

using std::chrono::milliseconds;

// A transaction costs an fsync: often enough that a crash loses little, seldom
// enough that a fast channel is not held up.
constexpr size_t kFlushAt = 32;
constexpr milliseconds kFlushAfter{100};

// How long touches wait that met an account error.
constexpr std::chrono::minutes kAccountPause{5};

constexpr milliseconds kBackoffBase = std::chrono::seconds(1);
constexpr milliseconds kBackoffCap = std::chrono::minutes(5);

}  // namespace

Instant BackedOff(const ClaimedTouch& touch, Instant now) {
  const int doublings = std::clamp(touch.attempt - 1, 0, 20);
  const milliseconds most =
      std::min(kBackoffCap, kBackoffBase * (int64_t{1} << doublings));
  const double draw = UnitInterval(
      StableHash({"backoff", touch.touch_id, std::to_string(touch.attempt)}));
  return now + milliseconds(1) +
         milliseconds(static_cast<int64_t>(draw * most.count()));
}

BatchRecorder::BatchRecorder(Ledger& ledger, const Clock& clock,
                             std::span<const ClaimedTouch> touches)
    : ledger_(ledger),
      clock_(clock),
      touches_(touches),
      reported_(touches.size(), false),
      flushed_(std::chrono::steady_clock::now()) {}

void BatchRecorder::Report(size_t index, Outcome outcome) {
  if (reported_.at(index)) return;
  reported_[index] = true;
  pending_.push_back(ResultOf(touches_[index], std::move(outcome)));
  const auto since = std::chrono::steady_clock::now() - flushed_;
  if (pending_.size() < kFlushAt && since < kFlushAfter) return;
  try {
    Flush();
  } catch (const std::exception&) {
    // Finish tries once more, and is allowed to say so.
    flushed_ = std::chrono::steady_clock::now();
  }
}

void BatchRecorder::Finish(const std::string& missing) {
  for (size_t i = 0; i < touches_.size(); ++i) {
    if (reported_[i]) continue;
    pending_.push_back(
        ResultOf(touches_[i], {OutcomeClass::kUnknown, missing}));
  }
  Flush();
}

void BatchRecorder::Flush() {
  ledger_.Record(pending_, clock_.Now());
  pending_.clear();
  flushed_ = std::chrono::steady_clock::now();
}

AttemptResult BatchRecorder::ResultOf(const ClaimedTouch& touch,
                                      Outcome outcome) {
  const Instant now = clock_.Now();
  AttemptResult result;
  result.touch_id = touch.touch_id;
  result.reason = OutcomeClassName(outcome.what);
  result.detail = std::move(outcome.detail);
  result.provider_id = std::move(outcome.provider_id);
  // No later than the touch's end: that is when the ledger drops it.
  const auto put_back = [&](Instant at) {
    result.state = TouchState::kPlanned;
    const Instant end = touch.expires_at + milliseconds(1);
    result.try_again_at = std::max(std::min(at, end), now);
    ++counts_.retried;
  };
  switch (outcome.what) {
    case OutcomeClass::kAccepted:
      result.state = TouchState::kAccepted;
      result.reason.clear();
      ++counts_.accepted;
      break;
    case OutcomeClass::kDeadRecipient:
    case OutcomeClass::kBadMessage:
      result.state = TouchState::kFailed;
      ++counts_.failed;
      break;
    case OutcomeClass::kTemporary:
      put_back(outcome.retry_after ? now + *outcome.retry_after
                                   : BackedOff(touch, now));
      break;
    case OutcomeClass::kAccount: {
      const auto pause = outcome.retry_after.value_or(kAccountPause);
      if (!counts_.account_error) counts_.account_error = result.detail;
      counts_.account_pause = std::max(counts_.account_pause, pause);
      put_back(now + pause);
      break;
    }
    case OutcomeClass::kUnknown:
      result.state = TouchState::kUnknown;
      ++counts_.unknown;
      break;
  }
  return result;
}

}  // namespace rekindle

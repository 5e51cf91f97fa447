// From an adapter's outcome to what the ledger records.
#pragma once

#include "channels/adapter/adapter.h"
#include "channels/delivery_settings.h"

namespace rekindle {

// When to try again after the `tries`-th try (from 1) ended temporarily: full
// jitter, a random delay up to `first` doubled with each try, at most `most`.
// The draw is a hash of touch and attempt. Later than `now`.
Instant BackedOff(const ClaimedTouch& touch, const RetrySettings& retry,
                  Instant now);

// What the ledger records of an outcome. After a temporary one the touch is put
// back for as long as Retry-After says, else with a backoff; where its tries
// are used up it has failed. After an account error it waits as long as the
// circuit. Neither waits beyond the touch's end.
AttemptResult ResultOf(const ClaimedTouch& touch, Outcome outcome,
                       const DeliverySettings& settings, Instant now);

}  // namespace rekindle

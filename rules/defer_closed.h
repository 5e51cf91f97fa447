// Touches that did not leave in time: their window closed or their day ended
// while the service was down, the channel failed, or a retry was due.
#pragma once

#include <string>

#include "engine/engine.h"
#include "rules/definition/rule.h"

namespace rekindle {

// Puts off those of the channel that are due at `now` but may not leave, to
// their rule's next send time. One that expires before is dropped as `expired`;
// one whose new day has no room in the caps, as `capped`. What is unknown and
// would be sent again waits in the same way, but is not dropped: it stays
// unknown, and is not sent again. Those of a rule that is gone are left to the
// claim. `at_once` of them share a transaction and a snapshot, which keep
// others from writing. Returns how many were put off. REQUIRES: no plan is
// being written.
inline constexpr int64_t kDeferredAtOnce = 10'000;
int64_t DeferClosed(Engine& engine, const RuleSet& rules,
                    const ClaimChannel& channel, Instant now,
                    int64_t at_once = kDeferredAtOnce);

}  // namespace rekindle

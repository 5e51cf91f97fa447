// Touches that did not leave in time: their window closed or their day ended
// while the service was down, the channel failed, or a retry was due.
#pragma once

#include <string>

#include "engine/engine.h"
#include "rules/definition/rule.h"

namespace rekindle {

// Puts off the touches of the channel that are due at `now` but may not leave,
// to their rule's next send time. One that expires before is dropped as
// `expired`; one whose new day has no room in the caps, as `capped`. An unknown
// touch that would be sent again is put off likewise; instead of being dropped
// it stays unknown and is not sent again. Touches of a rule that is gone are
// left to the claim. Returns how many were put off. REQUIRES: no plan is being
// written.
int64_t DeferClosed(Engine& engine, const RuleSet& rules,
                    const ClaimChannel& channel, Instant now);

}  // namespace rekindle

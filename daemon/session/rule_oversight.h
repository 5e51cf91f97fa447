// How people's oversight of one rule stands, for the pages and the metrics.
#pragma once

#include <optional>

#include "daemon/session/session.h"
#include "engine/oversight/oversight.h"

namespace rekindle {

struct RuleOversight {
  std::optional<RuleDecision> pause;  // while it holds
  bool waits_for_approval = false;    // nobody approved this version
  // The rule's latest slot, where the blast guard stopped it.
  std::optional<SlotRow> stopped;
  bool guarded = false;  // it is stopped, and nobody let it through
};

// `rule` is of the configuration in force.
RuleOversight OversightOf(Session& session, const Rule& rule);

}  // namespace rekindle

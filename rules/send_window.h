// When a touch may leave: the send window in the user's own zone.
#pragma once

#include <optional>

#include "rules/rule.h"

namespace rekindle {

// When a touch decided at `at` is due: `at` itself inside the window (or where
// none applies), else the window's next opening; nothing where that is later
// than the rule's `wait` allows. `zone` is the user's.
std::optional<Instant> DueAt(const Rule& rule, Instant at, const Calendar& zone,
                             const EngineSettings& settings);

// When a touch planned at `at` is given up: after `wait`, or 24 hours where
// there is no window.
Instant ExpiresAt(const Rule& rule, Instant at, const EngineSettings& settings);

// "09:00-21:00".
std::string FormatWindow(const SendWindow& window);

}  // namespace rekindle

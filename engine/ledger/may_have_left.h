// Whether a touch may have been sent, going by its attempts.
#pragma once

namespace rekindle {

// An SQL expression over a claimed row of `touches`: 1 where an attempt before
// this one may have been sent and none since was answered for good; else 0 or
// null.
inline constexpr char kMayHaveLeft[] =
    "(SELECT a.outcome IN ('unknown', 'interrupted') "
    "AND a.reason <> 'settled_resend' FROM attempts a "
    "WHERE a.touch = touches.id AND a.attempt < touches.attempts "
    "AND (a.outcome <> 'planned' OR a.reason = 'settled_resend') "
    "ORDER BY a.attempt DESC LIMIT 1)";

}  // namespace rekindle

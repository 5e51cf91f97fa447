// Everything known of one user at one instant, for `explain`, the user page
// and the API: state, labels and their history, profile, timeline, touches, and
// what each rule decides and why.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "daemon/session/session.h"

namespace rekindle {

// kNotFound where the id is unknown. Keys: user_id, known, state, substate,
// registered, last_active_day, inactive_periods, labels[{label, days,
// active_days, share, labeled}], top_label, tags[], profile{}, events[{at,
// event, properties}], history[{at, from{state, substate, labels}, to{..}}] as
// recomputes found it, touches[] (each newest first, at most 50),
// rules[{rule_id, decision, reason, matched, condition{key, wanted, actual,
// holds, parts[]}, stages[{stage, passed, reason, detail}]}], exact.
Result<nlohmann::ordered_json> DescribeUser(
    Session& session, const std::string& user_id, Instant as_of,
    const std::optional<std::string>& rule_id);

}  // namespace rekindle

// A user's view as JSON, as `explain`, the API and the page give it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "config/base/phrase.h"
#include "daemon/session/user_view.h"

namespace rekindle {

// Keys: user_id, known, state, substate, registered, last_active_day,
// inactive_periods, labels[{label, name{zh, en}, days, active_days, share,
// labeled}], top_label, tags[], profile{}, events[{at, event, properties}],
// exact, history[{at, from{state, substate, labels}, to{..}}], touches[],
// skips[{slot, rule_id, reason}], rules[{rule_id, matched, decision, reason,
// condition{key, wanted, actual, holds, parts[]}, stages[{stage, passed,
// reason, detail}]}]. `tell` makes texts of wanted, actual and detail.
nlohmann::ordered_json UserViewJson(const UserView& view,
                                    const PhraseTeller& tell);

}  // namespace rekindle

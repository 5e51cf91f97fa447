// Preference labels: on what share of their active days a user does what.
//
// A user has a label where at least `threshold` of the local days with activity
// in the window are days with the label's behavior, too, and there are at least
// `min_active_days` of them. The window is DaysBack of `window` from as_of;
// with `anchor: last_active` it ends with the user's last active month.
#pragma once

#include <optional>
#include <vector>

#include "engine/conditions/facts.h"

namespace rekindle {

class UsersAsOf;

// The known users who have each label, by label. Works on all cores; reads the
// byte counters where the window is one of whole months that ends at as_of,
// else the masks.
std::vector<UserSet> ComputeLabels(const UsersAsOf& seen, const UserSet& known);

// The local days that the user's shares are taken over. REQUIRES, here and
// below: the user is known.
DayRange PreferenceWindow(const UsersAsOf& seen, UserNumber user);
// One entry a label with days >= 1, in file order.
std::vector<LabelShare> SharesOf(const UsersAsOf& seen, UserNumber user);
// The user's label with the highest share (ties: more recent, then file order).
std::optional<size_t> TopLabel(const UsersAsOf& seen, UserNumber user);

}  // namespace rekindle

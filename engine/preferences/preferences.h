// Preference labels: on what share of their active days a user does what
// (design.md 2.4).
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

// Where the engine's answers differ from the reference's. Each function gives
// the first differences in words; an empty text is agreement.
#pragma once

#include <set>
#include <string>

#include "engine/audience/snapshot.h"
#include "tests/support/reference/conditions.h"
#include "tests/support/reference/reference.h"

namespace rekindle::reference {

// Every user: known or not, state, inactivity, days, last activity, labels.
std::string CompareUsers(const Snapshot& facts, const Reference& reference);
// Every user's labels alone.
std::string ComparePreferences(const Snapshot& facts,
                               const Reference& reference);
// Every user's state in every period up to as_of.
std::string CompareHistories(const Snapshot& facts, const Reference& reference);
// Flow rows and transitions.
std::string CompareFlows(const Snapshot& facts, const Reference& reference);
std::string CompareRetention(const Snapshot& facts, const Reference& reference,
                             PeriodUnit unit, BehaviorIndex behavior,
                             const std::set<std::string>& events);
// The primitives on days and events of one behavior over a range.
std::string ComparePresence(const Snapshot& facts, const Reference& reference,
                            BehaviorIndex behavior,
                            const std::set<std::string>& events,
                            const DayRange& range);

// Who is in the set, who in the set among some, and what the explanation says.
std::string CompareCondition(const Snapshot& facts, const Reference& reference,
                             const AskedCondition& asked);

// The seven counts add up, and MAU(m) is the sum of its five terms: both hold
// for any history. Needs no reference.
std::string CheckIdentities(const Snapshot& facts);

}  // namespace rekindle::reference

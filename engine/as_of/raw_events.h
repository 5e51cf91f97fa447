// Reads raw events by the instant at which they count.
#pragma once

#include <functional>

#include "config/base/calendar.h"
#include "engine/journal/journal.h"

namespace rekindle {

// Calls f(event, its instant) for every raw event that is kept with
// from <= instant <= to, in order of arrival. An event dated by day counts from
// the start of that day as `calendar` cuts it, whatever the zone was when it
// was stored.
void ReadEvents(
    const Journal& journal, const Calendar& calendar, Instant from, Instant to,
    const std::function<void(const StoredEvent& event, Instant at)>& f);

}  // namespace rekindle

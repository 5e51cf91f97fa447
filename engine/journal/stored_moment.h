// When a stored event happened, by the business calendar of today.
#pragma once

#include <cstdint>

#include "config/base/calendar.h"
#include "engine/journal/journal.h"

namespace rekindle {

Moment MomentOf(const StoredEvent& event, const Calendar& calendar);
// The same for a record of a batch; `day` may be kExactTime.
Moment MomentOf(int64_t at, int32_t day, const Calendar& calendar);

}  // namespace rekindle

// When the rows of these tests are read.
#pragma once

#include "config/base/calendar.h"

namespace rekindle {

inline const Instant kNow = *Calendar::Utc().ParseFrom("2026-03-01T00:00:00Z");

}  // namespace rekindle

#include "engine/journal/stored_moment.h"

namespace rekindle {

Moment MomentOf(const StoredEvent& event, const Calendar& calendar) {
  return MomentOf(ToMillis(event.at), event.day, calendar);
}

Moment MomentOf(int64_t at, int32_t day, const Calendar& calendar) {
  if (day == kExactTime) {
    return {FromMillis(at), calendar.DayOf(FromMillis(at)), false};
  }
  const LocalDay local = DayFromNumber(day);
  return {calendar.StartOf(local), local, true};
}

}  // namespace rekindle

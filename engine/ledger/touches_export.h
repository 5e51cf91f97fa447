// `export touches`: every touch, one row each.
#pragma once

#include "config/base/calendar.h"
#include "config/base/rows.h"
#include "engine/store/store.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// touch_id,rule_id,user_id,slot,planned_at,arm,variant,channel,state,reason,
// goal_at, by touch_id: touches planned at or before as_of, with goals reached
// by then; states are today's. Instants are written in the calendar's zone.
// Reads in pieces, so that others may read between.
// REQUIRES: a snapshot is held, for the ids of users.
void ExportTouches(const Store& store, const UserDirectory& users,
                   const Calendar& calendar, Instant as_of, RowSink& out);

}  // namespace rekindle

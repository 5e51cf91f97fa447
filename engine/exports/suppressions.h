// Writes the suppression list.
#pragma once

#include "config/base/calendar.h"
#include "config/base/rows.h"
#include "engine/store/store.h"

namespace rekindle {

// channel,address,user_id,reason,at, by time: today's list, whatever the
// instant asked for. An empty channel means every channel; an entry names an
// address or a user.
void ExportSuppressions(const Store& store, const Calendar& calendar,
                        RowSink& out);

}  // namespace rekindle

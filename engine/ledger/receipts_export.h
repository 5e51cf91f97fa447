// `export receipts`: what channels reported, one row each.
#pragma once

#include "config/base/calendar.h"
#include "config/base/rows.h"
#include "engine/store/store.h"

namespace rekindle {

// touch_id,channel,state,at,received_at,provider_id,code,detail,known, by
// touch_id and state: receipts received at or before as_of. `known` is false
// for those that are kept because no touch of ours is named by them; they come
// last. Addresses are not among the columns.
void ExportReceipts(const Store& store, const Calendar& calendar, Instant as_of,
                    RowSink& out);

}  // namespace rekindle

// What plan and run tell people about slots.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "config/base/rows.h"
#include "daemon/session/session.h"

namespace rekindle {

// kUsage with a did-you-mean where no rule has the id.
Status CheckRule(const std::optional<std::string>& rule,
                 const Session& session);

// One line a slot, for people: `wake-car-control 2026-03-02 10:00: 812
// matched: 640 send, 71 hold_out, 101 skip (repeat 90, no_address 11)`.
void WriteSlotSummary(const std::vector<SlotPlan>& plans,
                      const Calendar& calendar, std::ostream& out);

// The same as rows (a stopped slot's verdict is its reason):
// rule_id,slot,verdict,matched,send,defer,hold_out,skip,
// skipped (reason:count joined by ;).
void WriteSlotRows(const std::vector<SlotPlan>& plans, const Calendar& calendar,
                   RowSink& sink);

}  // namespace rekindle

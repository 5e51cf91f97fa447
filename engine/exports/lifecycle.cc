#include "engine/exports/tables.h"

namespace rekindle {

Status WriteLifecycle(const Snapshot& facts, const ExportOptions&,
                      RowSink& sink) {
  const PeriodUnit unit = facts.settings().lifecycle.period;
  sink.Header({"user_id", "state", "substate", "inactive_periods",
               "first_period", "last_active_day"});
  for (UserNumber user : KnownById(facts)) {
    const int32_t first = PeriodOf(facts.RegisteredOn(user), unit);
    sink.Row({std::string(facts.users().IdOf(user)),
              std::string(StateName(facts.StateOf(user))),
              facts.SubstateOf(user), int64_t{facts.InactivePeriods(user)},
              PeriodName(first, unit), FormatDay(facts.LastActiveDay(user))});
  }
  return {};
}

}  // namespace rekindle

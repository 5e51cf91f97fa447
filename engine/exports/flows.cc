#include "engine/flows/flows.h"

#include "engine/exports/tables.h"

namespace rekindle {

Status WriteFlows(const Snapshot& facts, const ExportOptions&, RowSink& sink) {
  const PeriodUnit unit = facts.settings().lifecycle.period;
  std::vector<std::string> columns = {"period"};
  for (State state : kAllStates) columns.emplace_back(StateName(state));
  for (const char* column :
       {"total", "mau", "active_rate", "old_user_retention",
        "new_user_retention", "wake_rate", "winback_rate"}) {
    columns.emplace_back(column);
  }
  sink.Header(columns);
  for (const FlowRow& row : ComputeFlows(facts).flows) {
    std::vector<Cell> cells = {PeriodName(row.period, unit)};
    for (State state : kAllStates) {
      cells.emplace_back(row.count[static_cast<size_t>(state)]);
    }
    cells.emplace_back(row.total);
    cells.emplace_back(row.mau);
    cells.push_back(RateCell(row.active_rate()));
    for (const FlowRow::Share* share :
         {&row.old_users, &row.new_users, &row.dormant, &row.churned}) {
      cells.push_back(RateCell(share->rate()));
    }
    sink.Row(cells);
  }
  return {};
}

}  // namespace rekindle

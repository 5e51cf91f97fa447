#include <algorithm>
#include <tuple>

#include "engine/exports/tables.h"
#include "engine/flows/flows.h"

namespace rekindle {

Status WriteTransitions(const Snapshot& facts, const ExportOptions&,
                        RowSink& sink) {
  const PeriodUnit unit = facts.settings().lifecycle.period;
  std::vector<TransitionRow> rows = ComputeFlows(facts).transitions;
  const auto key = [](const TransitionRow& row) {
    return std::tuple(row.period, StateName(row.from), StateName(row.to));
  };
  std::sort(rows.begin(), rows.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  sink.Header({"period", "from", "to", "users"});
  for (const TransitionRow& row : rows) {
    sink.Row({PeriodName(row.period, unit), std::string(StateName(row.from)),
              std::string(StateName(row.to)), row.users});
  }
  return {};
}

}  // namespace rekindle

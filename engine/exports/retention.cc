#include "config/base/words.h"
#include "engine/exports/tables.h"
#include "engine/flows/flows.h"

namespace rekindle {
namespace {

Result<BehaviorIndex> BehaviorNamed(const BehaviorSet& behaviors,
                                    const std::string& name) {
  if (name.empty()) return BehaviorSet::kActivity;
  if (auto found = behaviors.Find(name)) return *found;
  return Fail(ErrorKind::kUsage, "unknown behavior \"" + name + "\"" +
                                     Suggestion(name, behaviors.names()));
}

}  // namespace

Status WriteRetention(const Snapshot& facts, const ExportOptions& options,
                      RowSink& sink) {
  const EngineSettings& settings = facts.settings();
  const auto behavior = BehaviorNamed(settings.behaviors, options.behavior);
  if (!behavior) return tl::make_unexpected(behavior.error());
  const PeriodUnit unit = options.unit.value_or(settings.lifecycle.period);
  sink.Header({"cohort", "size", "n", "retained"});
  for (const RetentionRow& row : ComputeRetention(facts, unit, *behavior)) {
    sink.Row(
        {PeriodName(row.cohort, unit), row.size, int64_t{row.n}, row.retained});
  }
  return {};
}

}  // namespace rekindle
